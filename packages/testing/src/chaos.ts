import { type Store, SyncError } from '@syncline/core'

/** One fault, and where it strikes. */
export interface ChaosPlan {
  /** `resources.commitPage` on a store, `get` on a single port. @default any method */
  readonly method?: string | undefined
  /** Which call of that method, from 1. */
  readonly call: number
  /** before: the call is never carried out · after: it is carried out, but its answer is lost */
  readonly when: 'before' | 'after'
  /** fail: this call only · cut: this call and every one after it, like a process that died */
  readonly kind: 'fail' | 'cut'
  /** What a failing call throws. @default a SyncError with code STORE_UNAVAILABLE */
  readonly error?: Error | undefined
}

/** What came of a plan. */
export interface ChaosReport {
  /** Names of all calls, in the order they were made. */
  readonly trace: readonly string[]
  /** The fault struck. A plan that never does tests nothing. */
  readonly fired: boolean
}

/** Thrown by every call of a port that was cut: the process that made it is taken for dead. */
export class ChaosCut extends Error {
  override readonly name = 'ChaosCut'
}

type Call = (method: string, carryOut: () => unknown) => unknown

/** A store whose calls fail as planned. Methods are named `resources.commitPage`; `close` always works. */
export function chaosStore(store: Store, plan: ChaosPlan): ChaosReport & { readonly store: Store } {
  const { call, report } = createFault(plan)
  return withReport(report, {
    store: {
      connectors: intercept(store.connectors, call, 'connectors.'),
      configs: intercept(store.configs, call, 'configs.'),
      runs: intercept(store.runs, call, 'runs.'),
      schedules: intercept(store.schedules, call, 'schedules.'),
      resources: intercept(store.resources, call, 'resources.'),
      changes: intercept(store.changes, call, 'changes.'),
      quarantine: intercept(store.quarantine, call, 'quarantine.'),
      ...(store.people && { people: intercept(store.people, call, 'people.') }),
      ...(store.webhooks && { webhooks: intercept(store.webhooks, call, 'webhooks.') }),
      requests: intercept(store.requests, call, 'requests.'),
      close: () => store.close(),
    },
  })
}

/** Any object with asynchronous methods, failing as planned. */
export function chaosPort<Port extends object>(
  port: Port,
  plan: ChaosPlan,
): ChaosReport & { readonly port: Port } {
  const { call, report } = createFault(plan)
  return withReport(report, { port: intercept(port, call, '') })
}

function withReport<Wrapped extends object>(report: ChaosReport, wrapped: Wrapped): ChaosReport & Wrapped {
  return {
    ...wrapped,
    trace: report.trace,
    get fired() {
      return report.fired
    },
  }
}

function createFault(plan: ChaosPlan): { call: Call; report: ChaosReport } {
  const trace: string[] = []
  let calls = 0
  let fired = false
  let isCut = false
  const strike = (): Error => {
    fired = true
    isCut = plan.kind === 'cut'
    if (isCut) return new ChaosCut(`The process died at ${trace.at(-1)}`)
    return plan.error ?? new SyncError('STORE_UNAVAILABLE', `Chaos in call ${plan.call}`)
  }
  const call: Call = async (method, carryOut) => {
    trace.push(method)
    if (isCut) throw new ChaosCut(`The process is dead: ${method}`)
    const isMeant = plan.method === undefined || plan.method === method
    if (isMeant) calls += 1
    const strikes = isMeant && calls === plan.call
    if (strikes && plan.when === 'before') throw strike()
    const answer = await carryOut()
    if (strikes) throw strike()
    // Begun before the process died, answered after: nobody is there to hear it.
    if (isCut) throw new ChaosCut(`The process is dead: ${method}`)
    return answer
  }
  const report = {
    trace,
    get fired() {
      return fired
    },
  }
  return { call, report }
}

function intercept<Port extends object>(port: Port, call: Call, prefix: string): Port {
  return new Proxy(port, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      if (typeof value !== 'function' || typeof key !== 'string') return value
      return (...given: unknown[]) => call(prefix + key, () => Reflect.apply(value, target, given))
    },
  })
}
