import { type CredentialExchange, defineConnector, SyncError, type UpstreamRecord } from '@syncline/core'
import { z } from 'zod'

const configSchema = z.object({ url: z.url() })
const tokens = z.object({ access_token: z.string(), refresh_token: z.string(), expires_in: z.number() })
const concurrent = 50

/** Asks for its token fifty times at once, then for its one page. */
export const oauthConnector = (onAsking: () => void = () => {}) =>
  defineConnector<z.output<typeof configSchema>>({
    type: 'oauth',
    displayName: 'OAuth test upstream',
    configSchema,
    resourceTypes: {
      user: {
        async list({ signal }, { config, credential }) {
          if (!credential) throw new Error('The connector has a credentialRef')
          const asked = Array.from({ length: concurrent }, () => credential.getFresh(exchangeAt(config.url)))
          onAsking()
          const versions = new Set((await Promise.all(asked)).map(({ version }) => version))
          if (versions.size !== 1) throw new Error(`Fifty who asked at once got ${versions.size} versions`)
          const { values } = await credential.get()
          const headers = { authorization: `Bearer ${values.accessToken}` }
          const response = await fetch(`${config.url}/users`, { headers, signal })
          if (!response.ok) return failure('UNAUTHORIZED', `HTTP ${response.status}`)
          return { success: true, payload: { resources: (await response.json()) as UpstreamRecord[] } }
        },
      },
    },
  })

const failure = (code: string, message: string) => ({ success: false as const, error: { code, message } })

const exchangeAt =
  (url: string): CredentialExchange =>
  async ({ values }, signal) => {
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: values.refreshToken ?? '',
    })
    const response = await fetch(`${url}/token`, { method: 'POST', body, signal })
    if (response.status === 400) throw new SyncError('CREDENTIAL_REJECTED', 'invalid_grant')
    const answer = tokens.parse(await response.json())
    return {
      values: { accessToken: answer.access_token, refreshToken: answer.refresh_token },
      expiresAt: new Date(Date.now() + answer.expires_in * 1_000),
    }
  }
