import type { JsonValue } from '@syncline/core'
import { z } from 'zod'

/** Any JSON value: what came through the parser of bodies, or out of the store. */
export const jsonValue = z.custom<JsonValue>((value) => value !== undefined)
