import { redisServer } from '../../../scripts/services.mjs'

/** Whether there is a Redis to start, here or to be had; says so when there is none. */
export async function redisIsAvailable(): Promise<boolean> {
  try {
    await redisServer()
    return true
  } catch (error) {
    console.error(`Scenarios on Redis are left out: ${String(error)}`)
    return false
  }
}
