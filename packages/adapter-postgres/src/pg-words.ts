/**
 * Classes of SQLSTATE whose messages name objects, roles, settings and limits, and hold nothing of a row. Those of data
 * (22), constraints (23), triggers and functions of the host (P0) and the inside of the server (XX) may quote values.
 * (PostgreSQL, appendix A)
 */
const spoken = new Set(['08', '0A', '25', '26', '28', '3D', '3F', '42', '53', '54', '55', '57', '58'])

/** For the others: what the class is called. */
const classNames: Readonly<Record<string, string>> = {
  '22': 'data exception',
  '23': 'integrity constraint violation',
  '40': 'transaction rollback',
  P0: 'exception of a function or trigger',
  XX: 'internal error',
}

/** What went wrong, in the server's own words where they hold no values. */
export function wordsOf(code: string, message: string | undefined): string | undefined {
  const group = code.slice(0, 2)
  if (spoken.has(group)) return message?.split('\n', 1)[0]?.slice(0, 300)
  return classNames[group]
}

const remedies: Readonly<Record<string, string>> = {
  '26000': 'behind a pooler, set preparedStatements: false',
  '3D000': 'create the database, or correct its name in the connection string',
  '42501': 'grant the role the rights that docs/limits.md lists',
  '42P05': 'behind a pooler, set preparedStatements: false',
  '53100': "free space on the disk of the database's server",
  '57014': 'raise statementTimeoutMs, or statement_timeout of the role or pool',
}

/** What an operator can do about it. */
export function remedyOf(code: string, message: string | undefined): string | undefined {
  if (isRefusedParameter(code, message))
    return 'the pooler takes no connection parameters: set preparedStatements: false, which leaves them out'
  if (code.startsWith('28')) return 'check user, password and database of the connection'
  return remedies[code]
}

/** A pooler's refusal of parameters such as statement_timeout: waiting does not help. */
export const isRefusedParameter = (code: string, message = ''): boolean =>
  code === '08P01' && /unsupported startup parameter/i.test(message)
