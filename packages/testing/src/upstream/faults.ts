import type { FaultEffect } from './fault-effect.ts'
import type { UpstreamRequest } from './upstream-request.ts'

/** Something that goes wrong, as data: which request it hits and what happens then. */
export interface Fault {
  /** For logs and messages. @default the kind of the effect */
  readonly name?: string | undefined
  /** Only this path, such as `/users`. */
  readonly path?: string | undefined
  /** Only this page of a listing, from 1. */
  readonly page?: number | undefined
  /** Only listings with (true) or without (false) `modifiedSince`. */
  readonly incremental?: boolean | undefined
  /** From the nth request that the conditions above hold for, counted from when the fault was added. @default 1 */
  readonly nth?: number | undefined
  /** How often it fires; `Number.POSITIVE_INFINITY` for ever. @default 1 */
  readonly times?: number | undefined
  readonly effect: FaultEffect
}

/** A fault and what became of it. */
export interface FaultState {
  readonly fault: Fault
  readonly name: string
  /** How often it fired. */
  readonly fired: number
}

/** The faults of one upstream. */
export interface Faults {
  add(...faults: readonly Fault[]): void
  /** Forgets all faults, fired or not. */
  clear(): void
  states(): readonly FaultState[]
  /** For servers: the fault this request meets. At most one fires; of several, the first added that has shots left. */
  meet(request: UpstreamRequest): FaultState | undefined
  /** @throws Error naming each fault that fired less often than it says (once, for those that fire for ever) */
  assertAllFired(): void
}

interface OpenState extends FaultState {
  fired: number
  met: number
}

export function createFaults(initial: readonly Fault[] = []): Faults {
  let states: OpenState[] = []
  const add = (...faults: readonly Fault[]): void => {
    states.push(...faults.map((fault) => ({ fault, name: nameOf(fault), fired: 0, met: 0 })))
  }
  add(...initial)
  return {
    add,
    clear() {
      states = []
    },
    states: () => states.map(({ fault, name, fired }) => ({ fault, name, fired })),
    meet(request) {
      const concerned = states.filter(({ fault }) => concerns(fault, request))
      for (const state of concerned) state.met += 1
      const firing = concerned.find(
        ({ fault, met, fired }) => met >= (fault.nth ?? 1) && fired < (fault.times ?? 1),
      )
      if (firing) firing.fired += 1
      return firing
    },
    assertAllFired() {
      const missing = states.filter(({ fault, fired }) => fired < expectedShots(fault))
      if (missing.length === 0) return
      const list = missing.map(({ name, fault, fired }) => `${name} (${fired} of ${expectedShots(fault)})`)
      throw new Error(`Faults that did not fire: ${list.join(', ')}`)
    },
  }
}

const nameOf = ({ name, effect }: Fault): string => name ?? effect.kind

const expectedShots = ({ times = 1 }: Fault): number => (Number.isFinite(times) ? times : 1)

const concerns = (fault: Fault, request: UpstreamRequest): boolean =>
  (fault.path === undefined || fault.path === request.path) &&
  (fault.page === undefined || fault.page === request.page) &&
  (fault.incremental === undefined || fault.incremental === (request.modifiedSince !== undefined))
