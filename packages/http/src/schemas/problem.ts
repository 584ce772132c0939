import { errorCodes } from '@syncline/core'
import { z } from 'zod'

/** A problem document (RFC 9457). `code` is one of docs/errors.md. */
export const problemDocument = z
  .object({
    type: z.string().meta({
      description: '`urn:syncline:error:` and the code, or the address of the page that describes it.',
      format: 'uri',
    }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    code: z.enum(errorCodes),
    runId: z.string().optional(),
    reason: z.string().optional(),
    errors: z
      .array(
        z.object({
          in: z.enum(['path', 'query', 'header', 'body']),
          pointer: z.string().meta({ description: 'JSON pointer (RFC 6901) into that part of the request.' }),
          detail: z.string(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem', description: 'What went wrong (RFC 9457). Programs look at `code`.' })
