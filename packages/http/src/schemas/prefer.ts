import { z } from 'zod'

/** How a client wants to be answered. */
export const prefer = z
  .string()
  .max(1_024)
  .optional()
  .meta({ description: '`respond-async`, `wait=<seconds>` or both (RFC 7240).' })
