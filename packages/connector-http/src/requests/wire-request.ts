import { SyncError } from '@syncline/core'
import type { HttpRequest, QueryValue, WireRequest } from './http-request.ts'

/**
 * Writes a request out.
 * @throws CONNECTOR_CONFIG_INVALID for a base URL that is none; UPSTREAM_REJECTED for a link to another origin
 */
export function wireRequest(
  request: HttpRequest,
  base: { readonly url: string; readonly headers: Readonly<Record<string, string>> },
): WireRequest {
  const { method = 'GET', path = '', link, query = {} } = request
  const baseUrl = parseBaseUrl(base.url)
  const url = link === undefined ? below(baseUrl, path) : sameOrigin(link, baseUrl)
  for (const [name, value] of Object.entries(query)) setQuery(url, name, value)
  const { body, type } = encodeBody(request)
  return {
    method,
    url,
    headers: {
      accept: 'application/json',
      'accept-encoding': 'gzip, br',
      'user-agent': 'syncline',
      ...(type === undefined ? {} : { 'content-type': type }),
      ...lowerCase(base.headers),
      ...lowerCase(request.headers ?? {}),
    },
    body,
  }
}

/** What a request is called in messages: without its query, which may hold secrets or names. */
export const nameOf = ({ method, url }: Pick<WireRequest, 'method' | 'url'>): string =>
  `${method} ${url.origin}${url.pathname}`

/** @throws CONNECTOR_CONFIG_INVALID */
export function parseBaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password) return url
  throw new SyncError(
    'CONNECTOR_CONFIG_INVALID',
    'The base URL must be an http or https address without a user name and password',
  )
}

/** The path goes below the base's own: `https://host/api/v1` and `/users` make `https://host/api/v1/users`. */
function below(baseUrl: URL, path: string): URL {
  const url = new URL(baseUrl)
  const parts = [withoutEndSlashes(url.pathname), path.replace(/^\/+/, '')].filter((part) => part !== '')
  url.pathname = parts.join('/')
  return url
}

/** In one pass, however many there are. */
function withoutEndSlashes(path: string): string {
  let end = path.length
  while (path[end - 1] === '/') end -= 1
  return path.slice(0, end)
}

/** @throws UPSTREAM_REJECTED */
export function sameOrigin(link: string, from: URL): URL {
  const url = URL.canParse(link, from.href) ? new URL(link, from.href) : undefined
  if (url?.origin === from.origin && !url.username && !url.password) return url
  const target = url === undefined ? 'no address' : url.origin
  throw new SyncError(
    'UPSTREAM_REJECTED',
    `Upstream ${from.origin} points to ${target}; requests never leave the origin of the base URL`,
    { details: { reason: 'other_origin', failureType: 'config' } },
  )
}

function setQuery(url: URL, name: string, value: QueryValue): void {
  if (value === undefined) return
  url.searchParams.delete(name)
  for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(one))
}

function encodeBody({ json, form }: HttpRequest): { body: string | undefined; type?: string } {
  if (json !== undefined) return { body: JSON.stringify(json), type: 'application/json' }
  if (form === undefined) return { body: undefined }
  return { body: new URLSearchParams(form).toString(), type: 'application/x-www-form-urlencoded' }
}

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
