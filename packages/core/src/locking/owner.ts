import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { kill, pid as ownPid, platform } from 'node:process'
import { z } from 'zod'

/** The process that holds a lock, as its file names it. */
export interface Owner {
  /** Differs for every lock that was ever taken. */
  readonly id: string
  readonly pid: number
  /** Where the process id counts: one boot and one container of a machine. */
  readonly place: string
  /** Differs for two processes that had the same id one after the other. */
  readonly started?: string | undefined
}

const schema: z.ZodType<Owner> = z.object({
  id: z.string(),
  pid: z.number(),
  place: z.string(),
  started: z.string().optional(),
})

/** Undefined for a file that is being written, or that something else wrote. */
export function readOwner(text: string): Owner | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** A new owner: this process. */
export function newOwner(id: string): Owner {
  const { place, started } = self()
  return { id, pid: ownPid, place, ...(started !== undefined && { started }) }
}

/** `unknown`: the process is elsewhere, and its id means nothing here. */
export type Life = 'alive' | 'dead' | 'unknown'

/** Whether the process that took a lock lives. One that is stopped lives. */
export function lifeOf(owner: Owner | undefined): Life {
  const here = self()
  if (!owner || owner.place !== here.place) return 'unknown'
  if (owner.started === undefined) return signalled(owner.pid)
  const found = processAt(String(owner.pid))
  return found?.started === owner.started && !found.ended ? 'alive' : 'dead'
}

/** Systems without `/proc` say only whether some process has the id. */
function signalled(pid: number): Life {
  try {
    kill(pid, 0)
    return 'alive'
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? 'alive' : 'dead'
  }
}

/**
 * The boot and the namespace of process ids. Where `/proc` is not this namespace's own, ids cannot be compared, and the
 * place is one that no other process has.
 */
function self(): { readonly place: string; readonly started?: string | undefined } {
  if (platform !== 'linux') return { place: `host ${hostname()}` }
  try {
    const own = processAt('self')
    if (own?.pid !== ownPid) throw new Error('/proc belongs to another namespace')
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return { place: `${boot} ${readlinkSync('/proc/self/ns/pid')}`, started: own.started }
  } catch {
    return { place: nowhere }
  }
}

const nowhere = `unknown ${crypto.randomUUID()}`

interface Process {
  readonly pid: number
  /** In ticks since the boot. */
  readonly started: string
  readonly ended: boolean
}

/** See proc(5): the name in brackets may hold anything. */
function processAt(pid: string): Process | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state = '', ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const started = fields[18]
    if (started === undefined) return undefined
    return { pid: Number.parseInt(text, 10), started, ended: state === 'Z' || state === 'X' }
  } catch {
    return undefined
  }
}
