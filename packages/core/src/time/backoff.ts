const defaultBaseMs = 1_000
const defaultCapMs = 60_000
const factor = 2

/**
 * How long to wait before trying again when nobody said: 1 s, 2 s, 4 s, 8 s … up to a cap, of which jitter takes
 * away at most half, so that many waiters spread out and none comes back at once.
 * @param request `attempt` counts from 1; `random` gives numbers from 0 to 1; `baseMs` @default 1000;
 * `capMs` @default 60000
 */
export function backoffMs(request: {
  readonly attempt: number
  readonly random: () => number
  readonly baseMs?: number | undefined
  readonly capMs?: number | undefined
}): number {
  const { attempt, random, baseMs = defaultBaseMs, capMs = defaultCapMs } = request
  const fullMs = Math.min(capMs, baseMs * factor ** (attempt - 1))
  return Math.round(fullMs / 2 + (fullMs / 2) * random())
}
