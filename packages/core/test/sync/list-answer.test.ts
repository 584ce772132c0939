import { isSyncError } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { classifyThrown } from '../../src/sync/classify-error.ts'
import { parseListAnswer } from '../../src/sync/list-answer.ts'

const codeOf = (action: () => unknown): string | undefined => {
  try {
    action()
  } catch (error) {
    return isSyncError(error) ? error.code : 'not a SyncError'
  }
  return undefined
}

describe('a connector’s answer', () => {
  test.each([
    null,
    undefined,
    [],
    {},
    'ok',
    { success: true },
    { success: true, payload: [] },
    { success: false },
  ])('of the wrong shape is one clear typed error: %j', (answer) => {
    expect(codeOf(() => parseListAnswer('listUsers', answer))).toBe('CONNECTOR_ANSWER_INVALID')
  })

  test('names the command and the place that is wrong', () => {
    expect(() => parseListAnswer('listUsers', { success: true, payload: { resources: 'none' } })).toThrow(
      /listUsers .*payload\.resources/,
    )
  })

  test.each([undefined, null, ''])('without a next cursor (%j) is the end', (nextCursor) => {
    const page = parseListAnswer('listUsers', { success: true, payload: { resources: [], nextCursor } })
    expect(page.nextCursor).toBeUndefined()
  })

  test('that reports a known code keeps it and its wait', () => {
    const error = { code: 'RATE_LIMITED', message: 'slow down', retryAfterMs: 1_500 }
    expect(() => parseListAnswer('listUsers', { success: false, error })).toThrow(
      expect.objectContaining({ code: 'RATE_LIMITED', retryAfterMs: 1_500 }),
    )
  })

  test('that reports a code of its own is CONNECTOR_FAILED', () => {
    const error = { code: 'E42', message: 'odd' }
    expect(codeOf(() => parseListAnswer('listUsers', { success: false, error }))).toBe('CONNECTOR_FAILED')
  })

  test('cannot use a code that belongs to the store or the run', () => {
    const error = { code: 'LEASE_LOST', message: 'no' }
    expect(codeOf(() => parseListAnswer('listUsers', { success: false, error }))).toBe('CONNECTOR_FAILED')
  })
})

describe('what a connector throws', () => {
  const withCode = (code: string): Error => Object.assign(new Error('socket'), { code })

  test.each([
    ['a refused connection', withCode('ECONNREFUSED'), 'UPSTREAM_UNAVAILABLE'],
    [
      'fetch failed',
      new TypeError('fetch failed', { cause: withCode('ECONNRESET') }),
      'UPSTREAM_UNAVAILABLE',
    ],
    [
      'terminated',
      new TypeError('terminated', { cause: withCode('UND_ERR_SOCKET') }),
      'UPSTREAM_UNAVAILABLE',
    ],
    ['AbortSignal.timeout', new DOMException('late', 'TimeoutError'), 'UPSTREAM_TIMEOUT'],
    ['a slow body', new TypeError('x', { cause: withCode('UND_ERR_BODY_TIMEOUT') }), 'UPSTREAM_TIMEOUT'],
    ['a bug', new TypeError('x is not a function'), 'CONNECTOR_FAILED'],
    ['no error at all', 'boom', 'CONNECTOR_FAILED'],
  ])('%s is %s', (_, thrown, code) => {
    expect(classifyThrown(thrown).code).toBe(code)
  })
})
