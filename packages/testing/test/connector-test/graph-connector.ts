import {
  type ConnectorContext,
  type ConnectorType,
  type Credential,
  type CredentialExchange,
  defineConnector,
  isSyncError,
  type ListAnswer,
  type ListRequest,
  SyncError,
} from '@syncline/core'
import { z } from 'zod'
import { invalid, requestVendor, type VendorRequest } from './vendor-request.ts'

const configSchema = z.object({ url: z.url() })
type Config = z.output<typeof configSchema>
type Context = ConnectorContext<Config>

const tokenSchema = z.object({ access_token: z.string(), expires_in: z.number() })
const nodesSchema = z.object({ data: z.array(z.object({ key: z.string(), title: z.string() })) })

export interface GraphFlaws {
  readonly change?: (request: VendorRequest) => VendorRequest
  /** How often a refused token is renewed. */
  readonly renewals?: number
  readonly keepsToken?: boolean
}

/** Numbered pages asked for with POST, known to be the last by their length, and OAuth client credentials. */
export function graphConnector({
  change = (same) => same,
  renewals = 1,
  keepsToken = true,
}: GraphFlaws = {}): ConnectorType {
  const post = (
    { config, clock }: Context,
    request: Pick<VendorRequest, 'headers' | 'body' | 'signal'> & { path: string },
  ) => requestVendor(change({ ...request, url: new URL(request.path, config.url), method: 'POST', clock }))

  const exchangeWith =
    (context: Context): CredentialExchange =>
    async ({ values }, signal) => {
      const body = new URLSearchParams({
        client_id: values.clientId ?? '',
        client_secret: values.clientSecret ?? '',
      })
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      try {
        const { json } = await post(context, { path: '/oauth/token', headers, body: body.toString(), signal })
        const { access_token: accessToken, expires_in: seconds } = tokenSchema.parse(json)
        return {
          values: { accessToken },
          expiresAt: new Date(context.clock.now().getTime() + seconds * 1_000),
        }
      } catch (error) {
        if (!isSyncError(error, 'UNAUTHORIZED')) throw error
        throw new SyncError('CREDENTIAL_REJECTED', 'the token endpoint refused the client')
      }
    }

  const ask = async (context: Context, body: object, signal?: AbortSignal): Promise<unknown> => {
    const { credential } = context
    if (!credential) throw new SyncError('CREDENTIAL_NOT_FOUND', 'a graph connector needs a credential')
    let current: Credential = await credential.getFresh(exchangeWith(context))
    if (current.values.accessToken === undefined || !keepsToken)
      current = await credential.refresh(current.version, exchangeWith(context))
    for (let renewed = 0; ; renewed++) {
      const headers = {
        authorization: `Bearer ${current.values.accessToken}`,
        'content-type': 'application/json',
      }
      try {
        return (await post(context, { path: '/graph', headers, body: JSON.stringify(body), signal })).json
      } catch (error) {
        if (!isSyncError(error, 'UNAUTHORIZED') || renewed >= renewals) throw error
        current = await credential.refresh(current.version, exchangeWith(context))
      }
    }
  }

  const lister =
    (of: string, isLast: (count: number, size: number) => boolean) =>
    async (
      { cursor, pageSize, modifiedSince, signal }: ListRequest,
      context: Context,
    ): Promise<ListAnswer> => {
      const page = Number(cursor ?? 1)
      const json = await ask(context, { of, page, size: pageSize, day: modifiedSince?.slice(0, 10) }, signal)
      const nodes = nodesSchema.safeParse(json)
      if (!nodes.success) throw invalid(new URL('/graph', context.config.url), 'another shape')
      const { data } = nodes.data
      const resources = data.map(({ key, title }) => ({
        externalId: key,
        displayName: title,
        attributes: {},
      }))
      const nextCursor = isLast(data.length, pageSize) ? undefined : String(page + 1)
      return { success: true, payload: { resources, nextCursor } }
    }

  return defineConnector<Config>({
    type: 'graph',
    displayName: 'Graph',
    configSchema,
    resourceTypes: {
      user: { incremental: true, list: lister('people', (count, size) => count < size) },
      group: { list: lister('teams', (count) => count === 0) },
    },
  })
}
