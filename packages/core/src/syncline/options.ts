import { z } from 'zod'
import { SyncError } from '../errors.ts'
import type { LocalUser } from '../model/local-user.ts'
import type { Owner } from '../model/owner.ts'
import type { Cache } from '../ports/cache.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectorType } from '../ports/connector.ts'
import type { CredentialStore } from '../ports/credential-store.ts'
import type { EventSink } from '../ports/event-sink.ts'
import type { Logger } from '../ports/logger.ts'
import type { ProfileStore } from '../ports/profile-store.ts'
import type { Queue } from '../ports/queue.ts'
import type { RateLimiter } from '../ports/rate-limiter.ts'
import type { Store } from '../ports/store.ts'
import type { UserDirectory } from '../ports/user-directory.ts'
import type { WebhookHandler } from '../ports/webhook-handler.ts'
import type { WorkflowTrigger } from '../ports/workflow-trigger.ts'
import type { Retention } from '../scheduling/retention.ts'
import { type Limits, type LimitsInput, limitsSchema } from '../sync/limits.ts'
import { parseRetention } from '../time/retention.ts'
import { nearest } from './nearest.ts'

/** What a host composes Syncline from. */
export interface SynclineOptions {
  /** Where everything is kept. @default a memory store: for trials and tests */
  readonly store?: Store | undefined
  readonly connectorTypes: readonly ConnectorType[]
  /** Where the secrets are that connectors refer to by `credentialRef`. @default none: such connectors have no credential */
  readonly credentials?: CredentialStore | undefined
  /** The host's users. @default none: upstream people are copied and not matched */
  readonly users?: UserDirectory | undefined
  /** Where `attributeMappings` write to. @default none: attributes are not mapped */
  readonly profiles?: ProfileStore | undefined
  /** Takes over what `postSyncWorkflowId` asks for. @default none: jobs are recorded and wait */
  readonly workflows?: WorkflowTrigger | undefined
  /**
   * Users who are never deactivated by post-sync, such as break-glass accounts: a list or a rule. A plain id exempts the
   * user of this id in every tenant.
   * @default none
   */
  readonly exemptUsers?:
    | readonly (string | ({ readonly userId: string } & Owner))[]
    | ((user: LocalUser & Owner) => boolean)
    | undefined
  /** Resource types whose resources are people. @default ['user'] */
  readonly userResourceTypes?: readonly string[] | undefined
  /** Whether post-sync runs by itself: after a sync, and with `start()` for what was left. @default true */
  readonly automaticPostSync?: boolean | undefined
  readonly limits?: LimitsInput | undefined
  /**
   * Where looked-up resources are kept: `memoryCache()` for one process, `redisCache` for many.
   * @default nowhere: each look-up asks
   */
  readonly cache?: Cache | undefined
  /** How often connectors may call upstreams. Share one where several processes call them. @default a limiter of this process */
  readonly rateLimiter?: RateLimiter | undefined
  /**
   * Private, loopback and link-local networks that connectors may reach, as addresses or CIDR blocks: `10.20.0.0/16`,
   * `fd00::/8`. For connectors that check addresses, such as those made with `@syncline/connector-http`.
   * @default none: public addresses only
   */
  readonly allowedNetworks?: readonly string[] | undefined
  /** Where jobs and schedules are. Share one between processes to have many workers. @default a queue of this process */
  readonly queue?: Queue | undefined
  /** How long history is kept, as `<n>(m|h|d|w)`. */
  readonly retention?:
    | {
        /** Ended runs. @default '90d' */
        readonly runs?: string | undefined
        /**
         * Changes. A reader that is later than this is told so with CHANGES_EXPIRED. @default for ever
         */
        readonly changes?: string | undefined
        /**
         * What came by webhook: ids of messages, which make a replay one, and marks, which keep older events from
         * overtaking newer ones. At least an hour; longer than senders try again. @default '2d'
         */
        readonly webhooks?: string | undefined
        /** Requests with a key: an attempt that is later than this is a new request. @default '1d' */
        readonly requests?: string | undefined
      }
    | undefined
  /** Takes over verified webhooks that name no resource type. @default nobody: they are logged and forgotten */
  readonly onWebhook?: WebhookHandler | undefined
  /** Receives every event. */
  readonly onEvent?: EventSink | undefined
  /** pino's shape. @default logs nothing */
  readonly logger?: Logger | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
  /** Between 0 and 1, for the jitter of retries. @default Math.random */
  readonly random?: (() => number) | undefined
  /** Makes run ids. @default UUID v7 */
  readonly createRunId?: (() => string) | undefined
}

const nothing = (): void => undefined

export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/** @throws OPTIONS_INVALID */
export function parseLimits(limits: LimitsInput | undefined): Limits {
  const parsed = limitsSchema.safeParse(limits ?? {})
  if (parsed.success) return parsed.data
  const unknown = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys : [],
  )
  const near = unknown.flatMap((name) => nearest(name, Object.keys(limitsSchema.parse({}))) ?? [])
  const hint = near.length > 0 ? `; did you mean ${near.join(', ')}?` : ''
  throw new SyncError('OPTIONS_INVALID', `limits: ${describeIssues(parsed.error)}${hint}`)
}

/** @throws RETENTION_INVALID */
export function parseRetentions(options: SynclineOptions['retention'] = {}): Retention {
  const { runs = '90d', changes, webhooks = '2d', requests = '1d' } = options
  const webhooksMs = parseRetention(webhooks, 'retention.webhooks')
  if (webhooksMs < leastWebhooksMs) {
    throw new SyncError(
      'RETENTION_INVALID',
      'retention.webhooks: at least "1h"; senders try again for that long',
      {
        details: { path: 'retention.webhooks' },
      },
    )
  }
  return {
    runsMs: parseRetention(runs, 'retention.runs'),
    ...(changes !== undefined && { changesMs: parseRetention(changes, 'retention.changes') }),
    webhooksMs,
    requestsMs: parseRetention(requests, 'retention.requests'),
  }
}

/** A message may be replayed for ten minutes: it may come five minutes before its time, and five after. */
const leastWebhooksMs = 3_600_000

/** zod's issues as one line: where and what. */
export function describeIssues(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'value'}: ${issue.message}`).join('; ')
}
