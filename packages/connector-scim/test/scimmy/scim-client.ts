/** A resource as the server shows it. */
export type Shown = Record<string, unknown> & { readonly id: string }

/** The tests' own client, which knows nothing of the connector. */
export interface ScimClient {
  create(endpoint: string, body: object): Promise<Shown>
  /** RFC 7644, section 3.5.2. */
  patch(endpoint: string, id: string, operations: readonly object[]): Promise<void>
  remove(endpoint: string, id: string): Promise<void>
  /** All resources, in one answer. */
  readAll(endpoint: string): Promise<readonly Shown[]>
}

export function scimClient(baseUrl: string, token: string): ScimClient {
  const send = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(baseUrl + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
  return {
    create: (endpoint, body) => send('POST', endpoint, body) as Promise<Shown>,
    async patch(endpoint, id, Operations) {
      const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp']
      await send('PATCH', `${endpoint}/${id}`, { schemas, Operations })
    },
    async remove(endpoint, id) {
      await send('DELETE', `${endpoint}/${id}`)
    },
    async readAll(endpoint) {
      const { Resources, totalResults } = (await send('GET', `${endpoint}?count=100000`)) as {
        Resources: Shown[]
        totalResults: number
      }
      if (Resources.length !== totalResults) throw new Error('not all in one answer')
      return Resources
    },
  }
}
