import type { ServerResponse } from 'node:http'
import type { Answer } from './answer.ts'
import type { FaultEffect } from './fault-effect.ts'

/** The only timers of an upstream: each ends with its connection, all end with the server. */
export interface Delays {
  run(response: ServerResponse, delayMs: number, then: () => void): void
  cancelAll(): void
}

export function createDelays(): Delays {
  const timers = new Set<NodeJS.Timeout>()
  return {
    run(response, delayMs, then) {
      if (delayMs <= 0) {
        then()
        return
      }
      const timer = setTimeout(() => {
        timers.delete(timer)
        then()
      }, delayMs)
      timers.add(timer)
      response.once('close', () => {
        clearTimeout(timer)
        timers.delete(timer)
      })
    },
    cancelAll() {
      for (const timer of timers) clearTimeout(timer)
      timers.clear()
    },
  }
}

export interface Delivery {
  readonly response: ServerResponse
  readonly answer: Answer
  readonly effect: FaultEffect | undefined
  readonly delays: Delays
  readonly onStatus: (status: number) => void
}

/** Sends an answer the way a fault wants it delivered. */
export function sendAnswer({ response, answer, effect, delays, onStatus }: Delivery): void {
  if (effect?.kind === 'reset' && effect.at === 'before_headers') {
    reset(response)
    return
  }
  const body = Buffer.from(answer.body)
  const half = Math.floor(body.length / 2)
  onStatus(answer.status)
  response.writeHead(answer.status, {
    ...(answer.status === 204 ? {} : { 'content-length': body.length }),
    ...answer.headers,
  })
  if (effect?.kind === 'slow_body') {
    response.write(body.subarray(0, half))
    delays.run(response, effect.delayMs, () => response.end(body.subarray(half)))
  } else if (effect?.kind === 'reset' && effect.at === 'after_headers') {
    response.flushHeaders()
    response.socket?.write('', () => reset(response))
  } else if (effect?.kind === 'reset') {
    response.write(body.subarray(0, half), () => response.socket?.destroy())
  } else {
    response.end(body)
  }
}

/** RST instead of FIN: what a crashed peer or a cut line looks like. */
function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy()
}
