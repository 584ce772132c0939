import { bearer, bodyToken, type ErrorRule, httpConnector, readPath } from '@syncline/connector-http'
import { z } from 'zod'

const says =
  (...errors: string[]): ErrorRule['when'] =>
  ({ body }) =>
    errors.includes(String(readPath(body, 'error')))

export const slack = (authenticator = bearer()) =>
  httpConnector({
    type: 'slack',
    displayName: 'Slack',
    configSchema: z.object({ baseUrl: z.url() }),
    baseUrl: ({ baseUrl }) => `${baseUrl}/api`,
    authenticator,
    rateLimits: [{ windows: [{ limit: 20, perMs: 60_000 }] }],
    // Slack says 200 and means something else.
    errorRules: [
      { when: says('ratelimited'), action: 'throttle' },
      { when: says('not_authed', 'invalid_auth', 'token_revoked', 'token_expired'), action: 'renew' },
      { when: says('invalid_cursor'), action: 'restart' },
      {
        when: ({ body }) => readPath(body, 'ok') === false,
        action: 'fail',
        message: 'Slack answered ok: false',
      },
    ],
    streams: {
      user: {
        request: { method: 'POST', path: '/users.list', form: {} },
        paginator: bodyToken({
          from: 'response_metadata.next_cursor',
          token: 'cursor',
          size: 'limit',
          maxPageSize: 200,
          place: 'form',
        }),
        records: 'members',
        record: {
          externalId: 'id',
          displayName: { firstOf: ['profile.real_name', 'name'] },
          email: 'profile.email',
        },
      },
    },
    check: { method: 'POST', path: '/auth.test', form: {} },
  })
