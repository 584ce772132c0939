import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { RateLimits, RateWindow } from '@syncline/core'

export interface CallingRequest {
  readonly redisUrl: string
  readonly limits: RateLimits
  readonly processes: number
  readonly seconds: number
  /** @default the limiter's own */
  readonly holdMs?: number
  /** Told of each process, to do something to it. */
  readonly onStarted?: (child: ChildProcess) => void
}

/** Lets processes call an upstream for a while; answers when each call arrived there, in milliseconds, in order. */
export async function callFromProcesses(request: CallingRequest): Promise<readonly number[]> {
  const arrivals: number[] = []
  const upstream = createServer(({ url: path }, response) => {
    if (path === '/') arrivals.push(performance.now())
    response.end('ok')
  }).listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
  const given = [request.redisUrl, url, JSON.stringify(request.limits)]
  const hold = request.holdMs === undefined ? [] : [String(request.holdMs)]
  const children = Array.from({ length: request.processes }, () =>
    fork(join(import.meta.dirname, 'calling.child.ts'), [...given, ...hold], {
      execArgv: ['--conditions=@syncline/source'],
    }),
  )
  try {
    await Promise.all(children.map((child) => once(child, 'message')))
    for (const child of children) request.onStarted?.(child)
    await setTimeout(request.seconds * 1_000)
    const living = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
    const gone = living.map((child) => once(child, 'exit'))
    for (const child of children) if (child.connected) child.send('stop')
    await Promise.all(gone)
  } finally {
    for (const child of children) child.kill('SIGKILL')
    upstream.close()
    upstream.closeAllConnections()
  }
  return arrivals
}

/** The most calls that arrived in any stretch of the window's length. */
export function mostWithin(arrivals: readonly number[], { perMs }: RateWindow): number {
  let most = 0
  for (let first = 0, next = 0; next < arrivals.length; next++) {
    while ((arrivals[next] ?? 0) - (arrivals[first] ?? 0) >= perMs) first += 1
    most = Math.max(most, next - first + 1)
  }
  return most
}

/** Calls as a share of what the window allows: how long a place takes to come round, beside how long it must. */
export function shareOfAllowed(arrivals: readonly number[], { limit, perMs }: RateWindow): number {
  const rounds = arrivals.slice(limit).map((at, index) => at - (arrivals[index] ?? 0))
  return (perMs * rounds.length) / rounds.reduce((sum, ms) => sum + ms, 0)
}

/** How far calls are apart, but for the closest tenth of them: those that a busy machine brought together. */
export function usualGap(arrivals: readonly number[]): number {
  const gaps = arrivals.slice(1).map((at, index) => at - (arrivals[index] ?? 0))
  return gaps.toSorted((left, right) => left - right)[Math.floor(gaps.length / 10)] ?? 0
}
