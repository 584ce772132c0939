import type { HttpResponse } from '../requests/http-response.ts'
import type { ErrorRule } from './error-rule.ts'
import { remainingHeaders } from './throttle-wait.ts'

/** Headers that only a throttle sends. */
const asksToWait = (response: HttpResponse): boolean =>
  response.header('retry-after') !== undefined || response.header('x-ratelimit-towait-sec') !== undefined

const budgetIsSpent = (response: HttpResponse): boolean =>
  remainingHeaders.some((name) => {
    const left = response.header(name)?.trim()
    return left !== undefined && left !== '' && Number(left) <= 0
  })

/**
 * What answers mean where a connector says nothing else: RFC 9110 and the throttle dialects of vendors (403 of
 * GitHub, 409 of Qualys, 420 of Statuspage). A connector's rules are asked first.
 */
export const defaultErrorRules: readonly ErrorRule[] = [
  { status: [200, 201, 202, 203, 204, 206], action: 'accept' },
  { status: 401, action: 'renew' },
  { status: [420, 429], action: 'throttle' },
  { status: 403, when: (response) => asksToWait(response) || budgetIsSpent(response), action: 'throttle' },
  { status: 409, when: asksToWait, action: 'throttle' },
  { status: 410, action: 'restart' },
  { status: [408, 425], action: 'retry' },
  { when: ({ status }) => status >= 500, action: 'retry' },
  { action: 'fail' },
]
