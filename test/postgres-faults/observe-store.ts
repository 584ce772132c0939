import type { Store } from '@syncline/core'

/** A store whose calls are counted. */
export interface ObservedStore {
  readonly store: Store
  /** Calls under way: all, or those of a name such as `resources.commitPage`. */
  inFlight(name?: string): number
  /** Name of the newest call that a run writes by. */
  readonly newestWrite: string
}

const writes: ReadonlySet<string> = new Set([
  'runs.begin',
  'resources.commitPage',
  'resources.closeListing',
  'resources.markStale',
  'resources.purgeStale',
  'runs.finish',
])

/** @param onCall hears the name of each call before it is made */
export function observeStore(store: Store, onCall: (name: string) => void = () => {}): ObservedStore {
  const going: string[] = []
  let newestWrite = ''
  const observe = async (name: string, carryOut: () => unknown): Promise<unknown> => {
    if (writes.has(name)) newestWrite = name
    onCall(name)
    going.push(name)
    try {
      return await carryOut()
    } finally {
      going.splice(going.indexOf(name), 1)
    }
  }
  const watched = <Part extends object>(part: Part, prefix: string): Part =>
    new Proxy(part, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key)
        if (typeof value !== 'function' || typeof key !== 'string') return value
        return (...given: unknown[]) => observe(prefix + key, () => Reflect.apply(value, target, given))
      },
    })
  return {
    store: {
      ...store,
      configs: watched(store.configs, 'configs.'),
      runs: watched(store.runs, 'runs.'),
      schedules: watched(store.schedules, 'schedules.'),
      resources: watched(store.resources, 'resources.'),
      quarantine: watched(store.quarantine, 'quarantine.'),
    },
    inFlight: (name) => (name === undefined ? going : going.filter((each) => each === name)).length,
    get newestWrite() {
      return newestWrite
    },
  }
}
