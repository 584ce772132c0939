import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type {
  Cache,
  ConnectorType,
  CredentialStore,
  Queue,
  RateLimiter,
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
  /** @default the tenant it is stored under; `'default'` for a new connector */
  readonly tenantId?: string | undefined
  readonly name?: string | undefined
  readonly config?: Readonly<Record<string, unknown>> | undefined
  readonly credentialRef?: string | undefined
  /**
   * Settings by resource type. Only the fields written here are changed in the store: `{}` syncs the type with the
   * settings that are stored, or with the defaults.
   */
  readonly sync: Readonly<Record<string, Omit<SyncConfigInput, 'connectorId' | 'resourceType'>>>
}

/** The users of a host, opened for one command. */
export type ConfiguredPeople = Required<Pick<SynclineOptions, 'users'>> &
  Pick<
    SynclineOptions,
    'profiles' | 'workflows' | 'exemptUsers' | 'userResourceTypes' | 'automaticPostSync'
  > & {
    /** Closes what was opened. */
    readonly close?: (() => Promise<void>) | undefined
  }

/** Options of `createSyncline` that the file gives as they are. */
type HostOptions = Pick<
  SynclineOptions,
  | 'allowedNetworks'
  | 'limits'
  | 'retention'
  | 'logger'
  | 'onEvent'
  | 'onWebhook'
  | 'clock'
  | 'random'
  | 'createRunId'
>

/** Content of `syncline.config.ts`: every option of `createSyncline` has its place in it. */
export interface SynclineConfig extends HostOptions {
  /**
   * A folder for an embedded database, a PostgreSQL server, or a function that opens a store.
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
  /** Opens the cache of looked-up resources, so that a sync clears what it changed. @default none */
  readonly cache?: (() => Promise<Cache>) | undefined
  /** Opens the rate limiter that all processes share. @default a limiter of its own process */
  readonly rateLimiter?: (() => Promise<RateLimiter & { close?(): Promise<void> }>) | undefined
  readonly connectorTypes: readonly ConnectorType[]
  /** @default none: commands work with the connectors that are stored */
  readonly connectors?: readonly ConfiguredConnector[] | undefined
  /** Opens the users that upstream people are matched with. @default none: people are copied and not matched */
  readonly people?: (() => Promise<ConfiguredPeople>) | undefined
}

/** Types a configuration: `export default defineConfig({ … })`. */
export const defineConfig = (config: SynclineConfig): SynclineConfig => config

const opener = <Value>(what: string) =>
  z.custom<Value>((value) => typeof value === 'function', `must be a function that opens ${what}`).optional()

/** Checked by `createSyncline`, which names the option in its error. */
const unchecked = <Name extends keyof HostOptions>() => z.custom<HostOptions[Name]>().optional()

const connectorSchema = z.strictObject({
  connectorId: z.string(),
  type: z.string(),
  tenantId: z.string().optional(),
  name: z.string().optional(),
  config: z.record(z.string(), z.unknown()).optional(),
  credentialRef: z.string().optional(),
  sync: z.record(z.string(), z.custom<ConfiguredConnector['sync'][string]>(isObject, 'must be an object')),
})

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
  queue: opener<() => Promise<Queue>>('a queue'),
  credentials: opener<() => Promise<CredentialStore>>('a credential store'),
  cache: opener<() => Promise<Cache>>('a cache'),
  rateLimiter: opener<NonNullable<SynclineConfig['rateLimiter']>>('a rate limiter'),
  connectorTypes: z.array(z.custom<ConnectorType>(isObject)),
  connectors: z.array(connectorSchema).optional(),
  people: opener<() => Promise<ConfiguredPeople>>('the users'),
  allowedNetworks: unchecked<'allowedNetworks'>(),
  limits: unchecked<'limits'>(),
  retention: unchecked<'retention'>(),
  logger: unchecked<'logger'>(),
  onEvent: unchecked<'onEvent'>(),
  onWebhook: unchecked<'onWebhook'>(),
  clock: unchecked<'clock'>(),
  random: unchecked<'random'>(),
  createRunId: unchecked<'createRunId'>(),
})

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** Names that a configuration file has when none is given, the first one found. */
const fileNames = ['syncline.config.ts', 'syncline.config.mts', 'syncline.config.js', 'syncline.config.mjs']

/** Reads the configuration file. @throws OPTIONS_INVALID with the file and the place in it */
export async function loadConfig(file: string | undefined): Promise<SynclineConfig> {
  const found = file === undefined ? fileNames.find((name) => existsSync(name)) : file
  if (found === undefined || !existsSync(found)) {
    const missing = found ?? fileNames[0]
    throw new SyncError(
      'OPTIONS_INVALID',
      `There is no ${missing} here. Write one with "syncline init", or name it with --config.`,
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
