import type { SyncStatus } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { postSyncNotice } from '../src/post-sync-notice.ts'

const scope = { connectorId: 'acme', resourceType: 'user' }
const postSync = (change: Partial<NonNullable<SyncStatus['postSync']>>) => ({
  ...scope,
  postSync: {
    runId: 'run',
    status: 'success' as const,
    startedAt: new Date(0),
    linksLost: 0,
    awaitsOperator: [],
    ...change,
  },
})

describe('postSyncNotice', () => {
  test('is empty without a post-sync and after one that succeeded', () => {
    expect(postSyncNotice(scope)).toEqual([])
    expect(postSyncNotice(postSync({}))).toEqual([])
  })

  test('names the error and the next attempt of a failed post-sync', () => {
    const error = { code: 'USER_DIRECTORY_FAILED', message: 'away \u001b[31m' }
    const lines = postSyncNotice(postSync({ status: 'error', error, retryAt: new Date(0) }))
    expect(lines[0]).toContain('acme user  post-sync error  USER_DIRECTORY_FAILED: away')
    expect(lines.join('')).not.toContain('\u001b')
    expect(lines[1]).toContain('1970-01-01T00:00:00.000Z')
  })

  test('gives the commands that approve deactivations and list lost links', () => {
    const error = { code: 'DEACTIVATION_GUARDED', message: '10 of 20' }
    const awaitsOperator = ['approve_deactivations', 'resolve_links'] as const
    const text = postSyncNotice(postSync({ status: 'guarded', error, linksLost: 3, awaitsOperator })).join(
      '\n',
    )
    expect(text).toContain('syncline plan acme user --out plan.json')
    expect(text).toContain('syncline matches acme user --status unmatched')
    expect(text).toContain('lost the link to their user: 3')
  })
})
