import type { ConfigCondition } from '@syncline/core'
import { z } from 'zod'
import { ifMatch, ifNoneMatch, revisionsOf } from './entity-tag.ts'

/** Conditions of a change (RFC 9110 §13.1). */
export const changeConditions = z.object({
  'if-match': ifMatch
    .optional()
    .meta({ description: 'Only if the settings have one of these tags; `*`: only if there are some.' }),
  'if-none-match': ifNoneMatch.optional().meta({ description: '`*`: only if there are none yet.' }),
})

export const removalConditions = changeConditions.pick({ 'if-match': true })

/** What the headers ask to be so. `If-Match` goes first (RFC 9110 §13.2.2). */
export function conditionOf(headers: z.output<typeof changeConditions>): ConfigCondition {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers
  if (match !== undefined) return { ifRevision: match === '*' ? 'any' : revisionsOf(match) }
  return noneMatch === undefined ? {} : { ifRevision: 'none' }
}
