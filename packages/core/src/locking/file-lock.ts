import { readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Clock } from '../ports/clock.ts'
import { giveBack, isCode, made, takeOver, textOf } from './claim.ts'
import { beatOn } from './heartbeat.ts'
import { lifeOf, newOwner, readOwner } from './owner.ts'

const pollMs = 10

/** How long the lock of a process elsewhere must stand still before it counts as dead: several heartbeats. */
const silentMs = 8_000

export interface LockRequest {
  readonly file: string
  readonly clock: Clock
  /** How long to wait for a living owner, in milliseconds. */
  readonly waitMs: number
  /** Held for longer than an instant: owners elsewhere are told by a heartbeat. */
  readonly heartbeat: boolean
}

/** A lock that this process holds. */
export interface FileLock {
  /** Whether it still does: a process that was stopped may have lost it to one elsewhere. */
  isHeld(): boolean
  /** Gives it back. Leaves alone what somebody else has taken over. */
  release(): Promise<void>
}

/**
 * Takes a lock between processes: a file that names its owner. The lock of a dead process is taken over, that of a
 * living one never, where both are of one boot and one namespace of process ids (a container). Of an owner elsewhere,
 * in another container or on another machine with the same volume, the file's time is watched: it is taken over when
 * that stood still for eight seconds, by the waiting of the one that watches.
 *
 * Resolves with the lock, or with the id of the process that holds it.
 */
export async function takeFileLock(
  request: LockRequest,
): Promise<FileLock | { readonly heldBy: number | undefined }> {
  const { file, clock, waitMs, heartbeat } = request
  const owner = newOwner(crypto.randomUUID())
  const seen = { state: '', silent: 0 }
  for (let waited = 0; ; waited += pollMs) {
    const text = await textOf(file)
    if (text === undefined) {
      if (await made(file, owner)) break
      await clock.sleep(pollMs)
      continue
    }
    const life = lifeOf(readOwner(text))
    const moves = life === 'unknown' && (await isBeating(file, { text, seen }))
    const stuck = waited >= 2 * silentMs
    if (life === 'dead' || seen.silent >= silentMs) {
      if (await takeOver(file, { dead: text, owner, stuck })) break
    } else if ((life === 'alive' || moves) && waited >= waitMs) return { heldBy: readOwner(text)?.pid }
    if (waited >= waitMs + 3 * silentMs) return { heldBy: readOwner(text)?.pid }
    await clock.sleep(pollMs)
  }
  const text = JSON.stringify(owner)
  const end = heartbeat ? beatOn(file, text) : undefined
  return {
    isHeld: () => isText(file, text),
    async release() {
      await end?.()
      await giveBack(file, owner)
    },
  }
}

/** Notes for how long a lock has stood still; true when it has moved since it was first seen. */
async function isBeating(
  file: string,
  { text, seen }: { readonly text: string; readonly seen: { state: string; silent: number } },
): Promise<boolean> {
  const state = `${text} ${await changedAt(file)}`
  const moved = seen.state !== '' && seen.state !== state
  seen.silent = seen.state === state ? seen.silent + pollMs : 0
  seen.state = state
  return moved
}

async function changedAt(file: string): Promise<string> {
  try {
    return String((await stat(file, { bigint: true })).mtimeNs)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return 'gone'
    throw error
  }
}

/** At once, so that nothing comes between the look and what follows it. */
function isText(file: string, text: string): boolean {
  try {
    return readFileSync(file, 'utf8') === text
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false
    throw error
  }
}
