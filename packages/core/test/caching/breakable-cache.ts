import { type Cache, SyncError } from '@syncline/core'
import { memoryCache } from '@syncline/core/memory'
import type { FakeClock } from '@syncline/testing'

/** A memory cache that can be broken, and says what was asked of it. */
export interface BreakableCache extends Cache {
  /** `hangs`: no call is answered, nor carried out, until it works again. */
  state: 'works' | 'fails' | 'hangs'
  readonly calls: string[]
}

export function breakableCache(clock: FakeClock): BreakableCache {
  const inner = memoryCache({ clock })
  const through = async <Answer>(name: string, call: () => Promise<Answer>): Promise<Answer> => {
    breakable.calls.push(name)
    if (breakable.state === 'hangs') return new Promise(() => {})
    if (breakable.state === 'fails') throw new SyncError('CACHE_UNAVAILABLE', 'broken')
    return call()
  }
  const breakable: BreakableCache = {
    state: 'works',
    calls: [],
    lookUp: (ref) => through('lookUp', () => inner.lookUp(ref)),
    store: (entry) => through('store', () => inner.store(entry)),
    invalidate: (target) => through('invalidate', () => inner.invalidate(target)),
    close: () => inner.close(),
  }
  return breakable
}
