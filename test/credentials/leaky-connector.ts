import {
  type ConnectorContext,
  type CredentialExchange,
  defineConnector,
  type ListAnswer,
  SyncError,
  type UpstreamRecord,
} from '@syncline/core'
import { z } from 'zod'

/** What a leak may use. */
interface LeakContext {
  readonly values: Readonly<Record<string, string>>
  readonly context: ConnectorContext<unknown>
  /** The answer of an upstream that echoes every header it was sent. */
  readonly echo: string
}

/** A token that only the token endpoint has seen. */
export const unseenToken = 'canary3un.Qx7WvE4tR9yU2iO5pA8sD1fG'

type Leak = (leak: LeakContext) => Promise<ListAnswer | UpstreamRecord[] | string>

const basic = ({ user = '', password = '' }: LeakContext['values']): string =>
  Buffer.from(`${user}:${password}`).toString('base64')

const record = (externalId: string, change: Partial<UpstreamRecord> = {}): UpstreamRecord => ({
  externalId,
  displayName: `Name of ${externalId}`,
  attributes: {},
  ...change,
})

/** Every way found so far in which a connector carries a secret out. An array is a page; a text is the next cursor. */
export const leaks = {
  'throws the header': async ({ values }) => {
    throw new Error(`GET /users failed; sent Authorization: Bearer ${values.accessToken}`)
  },
  'throws the plain value': async ({ values }) => {
    throw new Error(`the access is ${values.accessToken}`)
  },
  'throws basic credentials without a name': async ({ values }) => {
    throw new Error(`sent (${basic(values)})`)
  },
  'throws what is no error': async ({ values }) => {
    throw `the password is ${values.password}`
  },
  'throws an error with fields and causes': async ({ values }) => {
    throw Object.assign(
      new TypeError('request failed', { cause: new Error(`url /?t=${values.accessToken}`) }),
      {
        config: { headers: { 'X-Key': values.clientSecret, Authorization: `Basic ${basic(values)}` } },
      },
    )
  },
  'throws an error of ours with details': async ({ values }) => {
    const details = { sent: { list: [values.clientSecret ?? ''] }, [`key ${values.password}`]: 1 }
    throw new SyncError('UPSTREAM_REJECTED', `refused ${encodeURIComponent(values.password ?? '')}`, {
      details,
    })
  },
  'throws a transient error': async ({ values }) => {
    throw new SyncError('UPSTREAM_UNAVAILABLE', `no answer to ${values.accessToken}`)
  },
  'answers a failure': async ({ echo }) => ({
    success: false,
    error: { code: 'UPSTREAM_REJECTED', message: `unexpected answer: ${echo}` },
  }),
  'answers a failure with a code': async ({ values }) => ({
    success: false,
    error: { code: `E-${values.clientSecret}`, message: 'see code' },
  }),
  'answers nonsense': async ({ values }) => JSON.parse(`{"success":"${values.accessToken}"}`),
  'stores the echo': async ({ echo }) => [
    record('1', { attributes: { echo: JSON.parse(echo) } }),
    record('2'),
  ],
  'stores basic credentials': async ({ values }) => [record('1', { attributes: { sent: basic(values) } })],
  'stores it in every field': async ({ values }) => {
    const secret = values.clientSecret ?? ''
    return [
      record('name', { displayName: secret }),
      record('mail', { email: `${secret}@host.example` }),
      record('key', { attributes: { [secret]: 1 } }),
      record('parent', { parent: { resourceType: 'group', externalId: secret } }),
      record(secret),
      record('good'),
    ]
  },
  'stores it in what is quarantined anyway': async ({ values }) => [
    record('1', { attributes: { [values.password ?? '']: '\0' } }),
    { ...record(values.password ?? ''), displayName: '\0' },
  ],
  'puts it into the cursor': async ({ values }) => `https://host/users?page=2&key=${values.clientSecret}`,
  'logs it': async ({ values, context, echo }) => {
    const request = { headers: new Headers({ 'x-api-key': values.clientSecret ?? '' }), body: [echo] }
    context.logger.info(
      { request, error: new Error(values.password) },
      `signed in with ${values.accessToken}`,
    )
    return []
  },
  'quotes what a refresh brought': async ({ values, context }) => {
    const renewed = { accessToken: `${values.accessToken}-renewed` }
    const exchange: CredentialExchange = async () => ({ values: renewed })
    const version = (await context.credential?.get())?.version ?? 0
    await context.credential?.refresh(version, exchange)
    throw new Error(`both ${renewed.accessToken} and ${values.accessToken} were refused`)
  },
  'quotes the answer of the token endpoint': async ({ context }) => {
    // Nobody was told this value yet: only its name tells.
    const body = JSON.stringify({ access_token: unseenToken, expires_in: 'soon' })
    const exchange: CredentialExchange = async () => {
      throw new Error(`unexpected token answer ${body}`)
    }
    const version = (await context.credential?.get())?.version ?? 0
    await context.credential?.refresh(version, exchange)
    throw new Error(body.replaceAll(/[{}":,]/g, ' '))
  },
} satisfies Readonly<Record<string, Leak>>

/** A connector that carries its secrets out in one way. Without a credential it leaks `canaries`, which nobody else knows. */
export const leakyConnector = (url: string, canaries: LeakContext['values']) => {
  const load = async (context: ConnectorContext<unknown>): Promise<LeakContext> => {
    const values = (await context.credential?.get())?.values ?? canaries
    const headers = {
      authorization: `Basic ${basic(values)}`,
      'x-secret': values.clientSecret ?? '',
      'x-bearer': values.accessToken ?? '',
    }
    return { values, context, echo: await (await fetch(url, { headers })).text() }
  }
  return defineConnector({
    type: 'leaky',
    displayName: 'Leaky',
    configSchema: z.object({ leak: z.string() }),
    resourceTypes: {
      user: {
        async list(_, context): Promise<ListAnswer> {
          const leak: Leak | undefined = Object.entries(leaks).find(
            ([name]) => name === context.config.leak,
          )?.[1]
          if (!leak) throw new Error(`No leak ${context.config.leak}`)
          const leaked = await leak(await load(context))
          if (Array.isArray(leaked)) return { success: true, payload: { resources: leaked } }
          if (typeof leaked !== 'string') return leaked
          return { success: true, payload: { resources: [record('1')], nextCursor: leaked } }
        },
      },
    },
    async check(context) {
      const { values, echo } = await load(context)
      throw Object.assign(new Error(`refused ${values.accessToken}: ${echo}`), { password: values.password })
    },
  })
}
