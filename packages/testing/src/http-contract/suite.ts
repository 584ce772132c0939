import type { Store, Syncline } from '@syncline/core'

/** What a host's `authorize` answers: a principal, or why there is none. */
export type ContractAuthorization =
  | { readonly id: string; readonly tenantId: string }
  | 'unauthenticated'
  | 'forbidden'
  | 'unknown'

/** What a plugin is given for one case. */
export interface ContractHost {
  readonly syncline: Syncline
  /** To be called by the plugin's own `authorize`, with the `Authorization` header of the request. */
  readonly authorize: (
    authorization: string | undefined,
    permission: string,
    connectorId: string,
  ) => ContractAuthorization
}

/** A plugin that listens. */
export interface ContractServer {
  /** Address of the API without a slash at its end: `http://127.0.0.1:4711/api`. */
  readonly baseUrl: string
  /** As the host stops it: may wait for what is under way, never for streams. */
  readonly close: () => Promise<void>
}

/** The test runner's own functions, the plugin under test, and perhaps a store. */
export interface HttpContractSuite {
  readonly describe: (name: string, declare: () => void) => unknown
  readonly test: (name: string, run: () => Promise<void>) => unknown
  /** The plugin with default options, on a port of its own. Called once for each case. */
  readonly serve: (host: ContractHost) => Promise<ContractServer>
  /** An empty store. @default one in memory */
  readonly createStore?:
    | (() => Promise<{ readonly store: Store; readonly close: () => Promise<void> }>)
    | undefined
}
