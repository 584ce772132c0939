import { SyncError, type Syncline } from '@syncline/core'
import type { Authorize } from './principal.ts'

export interface HttpApiOptions<HostRequest> {
  readonly syncline: Syncline
  /** There is no default: without it there is no API. */
  readonly authorize: Authorize<HostRequest>
  /** What the paths of the API begin with; no slash at its end. @default '/api' */
  readonly basePath?: string | undefined
  /** Event streams that one principal may have open in this process. One more is refused with 429. @default 20 */
  readonly maxStreamsPerPrincipal?: number | undefined
  /**
   * Origins whose pages may send requests that change something although they belong to another site, such as
   * `https://admin.example`. `any`: every page, for callers that are never recognised by cookies.
   * @default none: a browser's cross-site request is refused with 403
   */
  readonly allowedOrigins?: readonly string[] | 'any' | undefined
  /**
   * Page that describes error codes, such as a copy of docs/errors.md. A problem's `type` is then this address with
   * the code in lower case as its fragment. @default `type` is `urn:syncline:error:` and the code
   */
  readonly errorPage?: string | undefined
}

/** The options that have a default, checked. */
export interface ResolvedApiOptions {
  readonly basePath: string
  readonly maxStreamsPerPrincipal: number
  readonly allowedOrigins: readonly string[] | 'any'
  readonly errorPage: string | undefined
}

/** @throws OPTIONS_INVALID */
export function requireApiOptions<HostRequest>(options: HttpApiOptions<HostRequest>): ResolvedApiOptions {
  const { syncline, authorize, basePath = '/api', maxStreamsPerPrincipal = 20 } = options
  const { allowedOrigins = [], errorPage } = options
  if (typeof authorize !== 'function') {
    throw new SyncError(
      'OPTIONS_INVALID',
      'HTTP: "authorize" is required; nobody may call the API without it',
    )
  }
  if (typeof syncline?.connectors?.get !== 'function') {
    throw new SyncError('OPTIONS_INVALID', 'HTTP: "syncline" must be what createSyncline made')
  }
  if (!/^(?:\/[A-Za-z0-9._~-]+)*$/.test(basePath)) {
    throw new SyncError('OPTIONS_INVALID', 'HTTP: "basePath" must look like "/api"')
  }
  if (!Number.isSafeInteger(maxStreamsPerPrincipal) || maxStreamsPerPrincipal < 1) {
    throw new SyncError(
      'OPTIONS_INVALID',
      `HTTP: "maxStreamsPerPrincipal" is ${maxStreamsPerPrincipal}; use a whole number from 1`,
    )
  }
  if (allowedOrigins !== 'any') allowedOrigins.forEach(requireOrigin)
  if (errorPage !== undefined && !URL.canParse(errorPage)) {
    throw new SyncError('OPTIONS_INVALID', `HTTP: "errorPage" is "${errorPage}"; use an absolute address`)
  }
  return { basePath, maxStreamsPerPrincipal, allowedOrigins, errorPage }
}

/** A browser sends an origin in exactly one form: another spelling would never be allowed. */
function requireOrigin(origin: string): void {
  if (URL.canParse(origin) && new URL(origin).origin === origin) return
  throw new SyncError(
    'OPTIONS_INVALID',
    `HTTP: "allowedOrigins" has "${origin}"; use scheme, host and port only, such as "https://admin.example"`,
  )
}
