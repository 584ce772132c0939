import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type {
  ConnectorType,
  CredentialStore,
  LimitsInput,
  Queue,
  Store,
  SyncConfigInput,
  SynclineOptions,
} from '@syncline/core'
import { SyncError } from '@syncline/core'
import { z } from 'zod'

/** One connector of a configuration file, with the settings of what it syncs. */
export interface ConfiguredConnector {
  readonly connectorId: string
  /** Name of one of `connectorTypes`. */
  readonly type: string
  readonly tenantId?: string | undefined
  readonly name?: string | undefined
  readonly config?: Readonly<Record<string, unknown>> | undefined
  readonly credentialRef?: string | undefined
  /** Settings by resource type; `{}` for the defaults. */
  readonly sync: Readonly<Record<string, Omit<SyncConfigInput, 'connectorId' | 'resourceType'>>>
}

/** The users of a host, opened for one command. */
export type ConfiguredPeople = Required<Pick<SynclineOptions, 'users'>> &
  Pick<SynclineOptions, 'profiles' | 'workflows' | 'exemptUsers' | 'userResourceTypes'> & {
    /** Closes what was opened. */
    readonly close?: (() => Promise<void>) | undefined
  }

/** What `syncline.config.ts` says. */
export interface SynclineConfig {
  /**
   * A folder for an embedded database, a PostgreSQL server, or a store of your own.
   * @default `{ dataDir: '.syncline' }`
   */
  readonly store?:
    | { readonly dataDir: string }
    | { readonly connectionString: string; readonly schema?: string | undefined }
    | (() => Promise<Store>)
    | undefined
  /** Opens the queue that `syncline work` takes its jobs from. @default a queue of its own process */
  readonly queue?: (() => Promise<Queue>) | undefined
  /** Opens the credentials of connectors and the secrets of their webhooks. @default none */
  readonly credentials?: (() => Promise<CredentialStore>) | undefined
  readonly connectorTypes: readonly ConnectorType[]
  readonly connectors: readonly ConfiguredConnector[]
  readonly limits?: LimitsInput | undefined
  /** Opens the users that upstream people are matched with. @default none: people are copied and not matched */
  readonly people?: (() => Promise<ConfiguredPeople>) | undefined
}

/** Types a configuration: `export default defineConfig({ … })`. */
export const defineConfig = (config: SynclineConfig): SynclineConfig => config

const schema = z.strictObject({
  store: z
    .union([
      z.strictObject({ dataDir: z.string().min(1) }),
      z.strictObject({ connectionString: z.string().min(1), schema: z.string().optional() }),
      z.custom<() => Promise<Store>>(
        (value) => typeof value === 'function',
        'must be a function that opens a store',
      ),
    ])
    .optional(),
  queue: z
    .custom<() => Promise<Queue>>(
      (value) => typeof value === 'function',
      'must be a function that opens a queue',
    )
    .optional(),
  credentials: z
    .custom<() => Promise<CredentialStore>>(
      (value) => typeof value === 'function',
      'must be a function that opens a credential store',
    )
    .optional(),
  connectorTypes: z
    .array(z.custom<ConnectorType>((value) => typeof value === 'object' && value !== null))
    .min(1),
  connectors: z
    .array(
      z.strictObject({
        connectorId: z.string(),
        type: z.string(),
        tenantId: z.string().optional(),
        name: z.string().optional(),
        config: z.record(z.string(), z.unknown()).optional(),
        credentialRef: z.string().optional(),
        sync: z.record(z.string(), z.custom<ConfiguredConnector['sync'][string]>()),
      }),
    )
    .min(1),
  limits: z.custom<LimitsInput>().optional(),
  people: z
    .custom<() => Promise<ConfiguredPeople>>(
      (value) => typeof value === 'function',
      'must be a function that opens the users',
    )
    .optional(),
})

const fileNames = ['syncline.config.ts', 'syncline.config.mts', 'syncline.config.js', 'syncline.config.mjs']

/** Reads the configuration file. @throws OPTIONS_INVALID with the file and the place in it */
export async function loadConfig(file: string | undefined): Promise<SynclineConfig> {
  const found = file === undefined ? fileNames.find((name) => existsSync(name)) : file
  if (found === undefined || !existsSync(found)) {
    const missing = found ?? fileNames[0]
    throw new SyncError(
      'OPTIONS_INVALID',
      `There is no ${missing} here; write one (export default defineConfig({ … })) or name it with --config`,
    )
  }
  const loaded: unknown = await import(pathToFileURL(resolve(found)).href).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SyncError('OPTIONS_INVALID', `${found} cannot be loaded: ${why}`, { cause })
  })
  const parsed = z.object({ default: schema }).safeParse(loaded)
  if (parsed.success) return parsed.data.default
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.slice(1).join('.') || 'default export'}: ${message}`,
  )
  throw new SyncError('OPTIONS_INVALID', `${found}: ${problems.join('; ')}`)
}
