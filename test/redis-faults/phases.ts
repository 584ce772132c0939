import type { Store } from '@syncline/core'
import type { Directory } from './directory.ts'

/** When in a sync something strikes. */
export const phases = [
  'before the first page',
  'between pages',
  'at the close',
  'once the run has ended',
] as const
export type Phase = (typeof phases)[number]

/** Strikes once, at a phase of a run of people, when it is armed. */
export interface Striker {
  arm(phase: Phase, strike: () => Promise<unknown>): void
  /** It has struck. A fault that never did shows nothing. */
  readonly struck: boolean
  /** A store that tells of its phases. */
  readonly observe: (store: Store) => Store
  watch(directory: Directory): void
}

export function createStriker(): Striker {
  let armed: { readonly phase: Phase; readonly strike: () => Promise<unknown> } | undefined
  let struck = false
  const reached = async (phase: Phase): Promise<void> => {
    if (armed?.phase !== phase) return
    const { strike } = armed
    armed = undefined
    await strike()
    struck = true
  }
  return {
    arm(phase, strike) {
      armed = { phase, strike }
    },
    get struck() {
      return struck
    },
    observe: (store) => ({
      ...store,
      resources: {
        ...store.resources,
        async closeListing(request) {
          await reached('at the close')
          return store.resources.closeListing(request)
        },
      },
      runs: {
        ...store.runs,
        async finish(request) {
          const finished = await store.runs.finish(request)
          await reached('once the run has ended')
          return finished
        },
      },
    }),
    watch(directory) {
      directory.beforePage = async (resourceType, page) => {
        if (resourceType !== 'user') return
        if (page === 1) await reached('before the first page')
        if (page === 3) await reached('between pages')
      }
    },
  }
}
