import { SyncError } from '@syncline/core'
import { type HeaderValues, headerOf } from './headers.ts'

const ownSites = ['same-origin', 'same-site', 'none']

/**
 * Refuses a request that a browser sent for a page of another site: it would carry the user's cookies. Requests
 * without `Sec-Fetch-Site` come from other programs, or from browsers older than 2023.
 * @throws FORBIDDEN
 */
export function refuseCrossSite(headers: HeaderValues, allowedOrigins: readonly string[] | 'any'): void {
  const site = headerOf(headers, 'sec-fetch-site')
  if (site === undefined || ownSites.includes(site) || allowedOrigins === 'any') return
  const origin = headerOf(headers, 'origin')
  if (origin !== undefined && allowedOrigins.includes(origin)) return
  throw new SyncError(
    'FORBIDDEN',
    'A page of another site sent this request. If it may, name its origin in "allowedOrigins" of the API.',
  )
}
