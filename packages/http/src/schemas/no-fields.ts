import { z } from 'zod'

/** The body of a request that says everything with its path: none, or an empty object. */
export const noFields = z.strictObject({})
