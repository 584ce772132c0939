import type { Queue } from '@syncline/core'
import { expect, vi } from 'vitest'

/** What happens to a queue whose server is in trouble, the same on each server. */
export const soon = { timeout: 30_000, interval: 20 }
export const job = { queue: 'sync', payload: {} }
export const nothingLeft = { waiting: 0, delayed: 0, running: 0, dead: 0 }

/** How long something takes, in milliseconds. */
export async function timed(something: () => Promise<unknown>): Promise<number> {
  const since = performance.now()
  await something()
  return performance.now() - since
}

export const isUnavailable = (question: Promise<unknown>): Promise<void> =>
  expect(question).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })

/** Adds a job as soon as the server takes one. */
export const addOnceBack = (queue: Queue, added = job): Promise<unknown> =>
  vi.waitFor(() => queue.add(added), soon)

/** A worker that counts the jobs it ran. */
export function countingWorker(queue: Queue): { readonly ran: () => number } {
  let ran = 0
  queue.work({
    queue: 'sync',
    handle: async () => {
      ran += 1
      return undefined
    },
  })
  return { ran: () => ran }
}

/** A worker whose first job runs until it is released. */
export function holdingWorker(queue: Queue): {
  readonly started: () => number
  readonly release: () => void
} {
  const { promise: held, resolve } = Promise.withResolvers<undefined>()
  let started = 0
  queue.work({
    queue: 'sync',
    handle: () => {
      started += 1
      return started === 1 ? held : Promise.resolve(undefined)
    },
  })
  return { started: () => started, release: () => resolve(undefined) }
}
