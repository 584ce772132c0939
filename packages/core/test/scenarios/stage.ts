import {
  createSyncline,
  type LimitsInput,
  type SyncConfigInput,
  type Syncline,
  type UpstreamRecord,
} from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import {
  type FakeClock,
  fakeClock,
  type RecordingSink,
  recordingSink,
  type ScriptedConnector,
  type ScriptedResourceType,
  scriptedConnector,
} from '@syncline/testing'

export const users = { connectorId: 'acme', resourceType: 'user' }

export const person = (id: number, changes: Partial<UpstreamRecord> = {}): UpstreamRecord => ({
  externalId: `u${id}`,
  displayName: `Person ${id}`,
  email: `person.${id}@acme.example`,
  attributes: { n: id },
  ...changes,
})

export const people = (count: number, from = 0): UpstreamRecord[] =>
  Array.from({ length: count }, (_, index) => person(from + index))

export interface Stage {
  readonly clock: FakeClock
  readonly connector: ScriptedConnector
  readonly store: ReturnType<typeof memoryStore>
  readonly syncline: Syncline
  readonly sink: RecordingSink
  /** Another process on the same store. */
  another(limits?: LimitsInput): Syncline
}

/** Everything a scenario needs: a scripted upstream, a memory store, a clock that jumps, one configured connector. */
export async function setStage(
  pages: ScriptedResourceType['pages'],
  options: {
    readonly limits?: LimitsInput
    readonly config?: Omit<SyncConfigInput, 'connectorId' | 'resourceType'>
    readonly resourceType?: Omit<ScriptedResourceType, 'pages'>
    readonly group?: ScriptedResourceType
    readonly manualClock?: boolean
  } = {},
): Promise<Stage> {
  const clock = fakeClock({ auto: options.manualClock !== true })
  const user = { incremental: true, ...options.resourceType, pages }
  const resourceTypes = options.group ? { user, group: options.group } : { user }
  const connector = scriptedConnector({ resourceTypes, clock })
  const store = memoryStore({ clock })
  const sink = recordingSink()
  const another = (limits = options.limits): Syncline =>
    createSyncline({
      store,
      connectorTypes: [connector],
      clock,
      limits,
      random: () => 1,
      onEvent: sink.onEvent,
    })
  const syncline = another()
  await syncline.connectors.save({ connectorId: 'acme', type: connector.type })
  await syncline.configs.save({ ...users, ...options.config })
  return { clock, connector, store, syncline, sink, another }
}
