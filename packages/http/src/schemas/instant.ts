import { z } from 'zod'

/** A date of ours as it is answered: written by `toISOString`, so it is not looked at again. */
export const instant = z.string().meta({ format: 'date-time' })
