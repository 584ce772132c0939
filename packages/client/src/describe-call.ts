import type { ChangeCallOptions, ClientHeaders, WaitingCallOptions } from './client-options.ts'
import { type Operation, type OperationName, operations } from './operations.ts'
import type { ApiCall } from './transport.ts'

/** Everything a call may be told. */
export type AnyCallOptions = ChangeCallOptions & WaitingCallOptions

/**
 * What the options of a call say in headers, and whether it may be repeated: not with a condition, because the
 * attempt whose answer was lost may have made it untrue.
 * @throws TypeError for `ifMatch: undefined`, which must not become no condition, and for a wait that is none
 */
export function describeCall(
  name: OperationName,
  options: AnyCallOptions,
  createKey: () => string,
): Omit<ApiCall, 'input'> {
  const { signal, headers, ifMatch, ifNoneMatch, idempotencyKey } = options
  if ('ifMatch' in options && ifMatch === undefined) throw new TypeError('"ifMatch" must be an etag')
  const { keyed = false }: Operation = operations[name]
  return {
    name,
    options: { signal, headers },
    repeatable: ifMatch === undefined && ifNoneMatch === undefined,
    headers: {
      ...preferred(options),
      ...(ifMatch !== undefined && { 'if-match': ifMatch }),
      ...(ifNoneMatch !== undefined && { 'if-none-match': ifNoneMatch }),
      ...(keyed && { 'idempotency-key': idempotencyKey ?? createKey() }),
    },
  }
}

/** RFC 7240. */
function preferred({ respondAsync, waitSeconds }: WaitingCallOptions): ClientHeaders {
  if (waitSeconds !== undefined && !(Number.isSafeInteger(waitSeconds) && waitSeconds >= 0)) {
    throw new TypeError('"waitSeconds" must be a whole number of seconds')
  }
  const preferences = [
    ...(respondAsync ? ['respond-async'] : []),
    ...(waitSeconds === undefined ? [] : [`wait=${waitSeconds}`]),
  ]
  return preferences.length > 0 ? { prefer: preferences.join(', ') } : {}
}
