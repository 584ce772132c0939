import { isSyncError, type JsonObject, SyncError } from '@syncline/core'
import { isRefusedParameter, remedyOf, wordsOf } from './pg-words.ts'

/** What the operating system says about a connection that cannot be made or did not last. */
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])

/**
 * SQLSTATEs of a server that cannot serve now: shutting down or starting (57P01 to 57P05), out of connections,
 * idle for too long in a transaction (25P03), turned into a standby (25006), a lock that took longer than it may
 * (55P03). A statement that took too long (57014) would take as long again: repeating it does not help.
 */
const unavailableStates = new Set(['57P01', '57P02', '57P03', '57P05', '53300', '25P03', '25006', '55P03'])

/** What the drivers say without a code. */
const unavailableMessage =
  /connection terminated|timeout exceeded|timeout expired|read timeout|not queryable|end on the pool|PGlite.* closed|driver has already been destroyed|connection has been discarded/i

/** Deadlock or serialization failure: the transaction did nothing and may be repeated. */
export const isRepeatable = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error) ?? '')

/** Whether the connection itself is lost or unusable, so that it must not go back to its pool. */
export const isConnectionLost = (error: unknown): boolean => {
  return codeOf(error) !== '55P03' && isUnavailable(error)
}

/** A key that stands in a table already, after classification. */
export const isUniqueViolation = (error: unknown): boolean =>
  isSyncError(error, 'STORE_FAILED') && error.details?.code === '23505'

/** The code, when an extension has no files here (0A000, 58P01) or this user may not install it (42501). */
export const extensionRefusal = (error: unknown): string | undefined => {
  const code = codeOf(error)
  return code !== undefined && ['0A000', '58P01', '42501'].includes(code) ? code : undefined
}

/**
 * The one place where errors of drivers are told apart. Messages and details carry codes, names and what the server
 * says of them, never keys or values: see `wordsOf`.
 */
export function toSyncError(error: unknown): SyncError {
  if (isSyncError(error)) return error
  const code = codeOf(error)
  if (isUnavailable(error)) {
    return new SyncError(
      'STORE_UNAVAILABLE',
      `The database cannot serve now${saidBy(error, 'connection lost')}`,
      {
        details: detailsOf(error),
      },
    )
  }
  if (code === '42P01' || code === '3F000' || code === '42703') {
    return new SyncError(
      'SCHEMA_OUTDATED',
      `Tables or columns of Syncline are missing${saidBy(error)}; run migrate() against this database and schema`,
      { details: detailsOf(error) },
    )
  }
  // Node attaches the whole text, password and all.
  if (code === 'ERR_INVALID_URL')
    return new SyncError('OPTIONS_INVALID', 'The connection string is not a URL')
  if (code !== undefined && sqlState.test(code)) {
    return new SyncError('STORE_FAILED', `The database refused a statement${saidBy(error)}`, {
      details: detailsOf(error),
    })
  }
  return new SyncError('STORE_FAILED', `The store failed${code === undefined ? '' : ` (${code})`}`, {
    cause: error,
  })
}

/** The server's words, the code and the remedy, as the end of a sentence. */
function saidBy(error: unknown, otherwise = 'no code'): string {
  const code = codeOf(error)
  if (code === undefined || !sqlState.test(code)) return ` (${code ?? otherwise})`
  const message = stringField(error, 'message')
  const words = wordsOf(code, message)
  const remedy = remedyOf(code, message)
  return `${words === undefined ? '' : `: ${words}`} (${code})${remedy === undefined ? '' : `; ${remedy}`}`
}

const sqlState = /^[0-9A-Z]{5}$/

function isUnavailable(error: unknown): boolean {
  const code = codeOf(error)
  if (code === undefined) return error instanceof Error && unavailableMessage.test(error.message)
  if (isRefusedParameter(code, stringField(error, 'message'))) return false
  return networkCodes.has(code) || code.startsWith('08') || unavailableStates.has(code)
}

function codeOf(error: unknown): string | undefined {
  return stringField(error, 'code')
}

function detailsOf(error: unknown): JsonObject {
  const details: JsonObject = {}
  for (const field of ['code', 'schema', 'table', 'column', 'constraint']) {
    const value = stringField(error, field)
    if (value !== undefined) details[field] = value
  }
  return details
}

function stringField(error: unknown, field: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const value: unknown = Reflect.get(error, field)
  return typeof value === 'string' ? value : undefined
}
