import { type Permit, type PermitRequest, type RateLimiter, SyncError } from '@syncline/core'

/** A mistake that a rate limiter may make, and the case that must catch it. */
interface PlantedRateLimiterBug {
  readonly caughtBy: string
  readonly plant: (limiter: RateLimiter) => RateLimiter
}

/** The limiter, asked for something else. */
const asking =
  (change: (request: PermitRequest) => PermitRequest) =>
  (limiter: RateLimiter): RateLimiter => ({ acquire: (request) => limiter.acquire(change(request)) })

/** The limiter, with permits that behave otherwise. */
const giving =
  (change: (permit: Permit) => Permit) =>
  (limiter: RateLimiter): RateLimiter => ({
    acquire: async (request) => change(await limiter.acquire(request)),
  })

const windowsOf = ({ limits }: PermitRequest) => limits.windows ?? []

export const plantedRateLimiterBugs: Readonly<Record<string, PlantedRateLimiterBug>> = {
  'one too many starts': {
    caughtBy: 'no more start than a window holds',
    plant: asking((request) => ({
      ...request,
      limits: {
        ...request.limits,
        windows: windowsOf(request).map(({ limit, perMs }) => ({ limit: limit + 1, perMs })),
      },
    })),
  },
  'a window is too short': {
    caughtBy: 'a window slides: no stretch of its length ever holds more',
    plant: asking((request) => ({
      ...request,
      limits: {
        ...request.limits,
        windows: windowsOf(request).map(({ limit, perMs }) => ({ limit, perMs: Math.ceil(perMs * 0.7) })),
      },
    })),
  },
  'windows count from the start': {
    caughtBy: 'places become free their perMs after the release, not after the start',
    plant: (limiter) => ({
      async acquire(request) {
        const permit = await limiter.acquire(request)
        await permit.release()
        return permit
      },
    }),
  },
  'only the longest window holds': {
    caughtBy: 'several windows all hold',
    plant: asking((request) => ({
      ...request,
      limits: { ...request.limits, windows: windowsOf(request).slice(-1) },
    })),
  },
  'weights are ignored': {
    caughtBy: 'a request takes as much of a window as it weighs',
    plant: asking((request) => ({ ...request, weight: undefined })),
  },
  'all keys are one': {
    caughtBy: 'keys do not limit each other',
    plant: asking((request) => ({ ...request, key: 'all' })),
  },
  'there is no spacing': {
    caughtBy: 'starts keep their spacing',
    plant: asking((request) => ({ ...request, limits: { ...request.limits, minSpacingMs: 0 } })),
  },
  'there is no concurrency': {
    caughtBy: 'as many run at once as concurrency says',
    plant: asking((request) => ({ ...request, limits: { ...request.limits, concurrency: undefined } })),
  },
  'a release is lost': {
    caughtBy: 'as many run at once as concurrency says',
    plant: giving((permit) => ({ ...permit, release: async () => {} })),
  },
  'a dead holder keeps its place': {
    caughtBy: 'a permit held longer than holdMs counts as released',
    plant: asking((request) => ({ ...request, holdMs: undefined })),
  },
  'nobody says how long it waited': {
    caughtBy: 'waitedMs says how long the start was waited for',
    plant: giving((permit) => ({ ...permit, waitedMs: 0 })),
  },
  'whoever waits waits for ever': {
    caughtBy: 'RATE_LIMITED with retryAfterMs where the wait is known',
    plant: (limiter) => ({
      async acquire(request) {
        try {
          return await limiter.acquire(request)
        } catch {
          throw new SyncError('RATE_LIMITED', 'no')
        }
      },
    }),
  },
  'a signal is looked at too late': {
    caughtBy: 'a signal that is aborted already is refused at once',
    plant: asking((request) => ({ ...request, signal: undefined })),
  },
  'what never fits waits': {
    caughtBy: 'OPTIONS_INVALID for what never fits',
    plant: asking((request) => ({ ...request, weight: undefined })),
  },
  'light requests overtake a heavy one': {
    caughtBy: 'a heavy one is not overtaken',
    plant: asking((request) => ({ ...request, key: `${request.key} ${request.weight}` })),
  },
  'a refused request goes on waiting': {
    caughtBy: 'a request that was refused or aborted takes no place',
    plant: (limiter) => ({
      async acquire(request) {
        try {
          return await limiter.acquire(request)
        } catch (error) {
          void limiter.acquire({ ...request, maxWaitMs: undefined, signal: undefined })
          throw error
        }
      },
    }),
  },
}
