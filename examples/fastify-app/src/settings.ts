import { randomBytes } from 'node:crypto'

/** What the environment may say. */
export interface Settings {
  /** `HOST`, `PORT`; port 0 takes a free one. */
  readonly host: string
  readonly port: number
  /** `DATABASE_URL`: a PostgreSQL. Absent: PGlite, in memory. */
  readonly databaseUrl: string | undefined
  /** `REDIS_URL`: queue, cache and limits of many processes. Absent: of this one. */
  readonly redisUrl: string | undefined
  /** `JWT_SECRET`: signs the tokens of the host. Absent: made at start. */
  readonly jwtSecret: Uint8Array
  /** `CREDENTIAL_KEY`: 32 bytes in Base64 that wrap credentials. Absent: made at start, when they are saved again. */
  readonly credentialKey: Uint8Array
  /** `WEBHOOK_SECRET`: `whsec_…`. Absent: made at start. */
  readonly webhookSecret: string | undefined
  /** `AUTHIFI_URL`, `AUTHIFI_TENANT`, `AUTHIFI_CLIENT_ID`, `AUTHIFI_CLIENT_SECRET`. Absent: one that is played here. */
  readonly authifi: AuthifiSettings | undefined
  /** `SCIM_URL`, `SCIM_TOKEN`. Absent: one that is played here. */
  readonly scim: ScimSettings | undefined
}

export interface AuthifiSettings {
  readonly baseUrl: string
  readonly tenantId: string
  readonly clientId: string
  readonly clientSecret: string
}

export interface ScimSettings {
  readonly baseUrl: string
  readonly token: string
}

/** @throws when one of the environment's parts is there and another it needs is not */
export function readSettings(given: NodeJS.ProcessEnv): Settings {
  // A variable that is empty is not there.
  const env = (name: string): string | undefined => given[name] || undefined
  const required = (name: string): string => {
    const value = env(name)
    if (value === undefined) throw new Error(`Set ${name}`)
    return value
  }
  const key = env('CREDENTIAL_KEY')
  const secret = env('JWT_SECRET')
  return {
    host: env('HOST') ?? '127.0.0.1',
    port: Number(env('PORT') ?? 3_000),
    databaseUrl: env('DATABASE_URL'),
    redisUrl: env('REDIS_URL'),
    jwtSecret: secret === undefined ? randomBytes(32) : new TextEncoder().encode(secret),
    credentialKey: key === undefined ? randomBytes(32) : Buffer.from(key, 'base64'),
    webhookSecret: env('WEBHOOK_SECRET'),
    authifi: env('AUTHIFI_URL')
      ? {
          baseUrl: required('AUTHIFI_URL'),
          tenantId: required('AUTHIFI_TENANT'),
          clientId: required('AUTHIFI_CLIENT_ID'),
          clientSecret: required('AUTHIFI_CLIENT_SECRET'),
        }
      : undefined,
    scim: env('SCIM_URL') ? { baseUrl: required('SCIM_URL'), token: required('SCIM_TOKEN') } : undefined,
  }
}
