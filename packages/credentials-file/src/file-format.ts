import { type Credential, SyncError } from '@syncline/core'
import { credentialKey, type StoredCredential, type StoredCredentials } from '@syncline/core/memory'
import { z } from 'zod'

type Environment = Readonly<Record<string, string | undefined>>

const instant = z.iso.datetime().transform((text) => new Date(text))
const counter = z.number().int().nonnegative()

/** Written by hand, a credential is a `ref` and its values; the rest is the store's. */
const credentialSchema = z.strictObject({
  tenantId: z.string().min(1).default('default'),
  ref: z.string().min(1),
  version: counter.default(1),
  state: z.enum(['active', 'reauth_required']).default('active'),
  values: z.record(z.string(), z.union([z.string(), z.strictObject({ env: z.string() })])),
  expiresAt: instant.optional(),
  savedAt: instant.default(new Date(0)),
  claim: z.strictObject({ holder: z.string(), until: instant }).optional(),
  unended: counter.default(0),
})
const fileSchema = z.strictObject({
  lastVersion: counter.default(1),
  credentials: z.array(credentialSchema).default([]),
})

type FileValues = z.output<typeof credentialSchema>['values']

/** A file as it was read. */
export interface CredentialFile {
  readonly stored: StoredCredentials
  /** Of each credential, by key: the values as the file says them. */
  readonly written: ReadonlyMap<string, FileValues>
}

/** @throws CREDENTIAL_UNREADABLE; its message quotes nothing of the file */
export function parseFile(text: string, path: string, environment: Environment): CredentialFile {
  const parsed = fileSchema.safeParse(parseJson(text, path))
  if (!parsed.success) {
    const where = parsed.error.issues.map(({ path: at, code }) => `${at.join('.') || 'file'}: ${code}`)
    throw unreadable(path, `it is not a credential file (${where.join('; ')})`)
  }
  const { credentials, lastVersion } = parsed.data
  const byKey = new Map<string, StoredCredential>()
  const written = new Map<string, FileValues>()
  for (const { claim, unended, values, ...rest } of credentials) {
    byKey.set(credentialKey(rest), {
      credential: { ...rest, values: resolve(values, environment) },
      claim,
      unended,
    })
    written.set(credentialKey(rest), values)
  }
  const highest = Math.max(lastVersion, ...credentials.map(({ version }) => version))
  return { stored: { lastVersion: highest, byKey }, written }
}

/** Not what every object has, such as `constructor`. */
const variable = (environment: Environment, name: string): string =>
  (Object.hasOwn(environment, name) ? environment[name] : undefined) ?? ''

const firstInstant = new Date('0001-01-01T00:00:00.000Z').getTime()
const lastInstant = new Date('9999-12-31T23:59:59.999Z').getTime()

/** Undefined for an instant that the format of the file does not hold. */
const possibleInstant = (at: Date | undefined): Date | undefined =>
  at && at.getTime() >= firstInstant && at.getTime() <= lastInstant ? at : undefined

/** A variable that is not set reads as nothing, which `requireValues` refuses: others can still be read. */
const resolve = (values: FileValues, environment: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : variable(environment, value.env),
    ]),
  )

/** @throws CREDENTIAL_UNREADABLE when a value is missing */
export function requireValues(credential: Credential, path: string): Credential {
  const [missing] = Object.entries(credential.values).find(([, value]) => value === '') ?? []
  if (missing === undefined) return credential
  throw unreadable(
    path,
    `value "${missing}" of credential "${credential.ref}" is empty, or its environment variable is not set`,
  )
}

/** Values that came from the environment and did not change stay there. */
export function formatFile({ stored, written }: CredentialFile, environment: Environment): string {
  const credentials = [...stored.byKey].map(([key, { credential, claim, unended }]) => {
    const before = written.get(key) ?? {}
    const values = Object.entries(credential.values).map(([name, value]) => {
      const said = Object.hasOwn(before, name) ? before[name] : undefined
      const unchanged = typeof said === 'object' && variable(environment, said.env) === value
      return [name, unchanged ? said : value]
    })
    // Tokens are kept whatever is said about how long they last.
    const expiresAt = possibleInstant(credential.expiresAt)
    return { ...credential, expiresAt, values: Object.fromEntries(values), claim, unended }
  })
  return `${JSON.stringify({ lastVersion: stored.lastVersion, credentials }, undefined, 2)}\n`
}

/** The parser's own message quotes the text. */
function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw unreadable(path, 'it is not JSON')
  }
}

export const unreadable = (path: string, why: string): SyncError =>
  new SyncError('CREDENTIAL_UNREADABLE', `The credential file ${path} cannot be read: ${why}`, {
    details: { path },
  })
