import { type JsonObject, SyncError, type UpstreamRecord } from '@syncline/core'
import { mapRecord } from '../records/map-record.ts'
import type { DeclaredStream, HttpCall } from './stream.ts'

/** Gets one record of a declared stream, by the same mapping as its listings. */
export async function getRecord<Config>(
  stream: DeclaredStream<Config>,
  get: NonNullable<DeclaredStream<Config>['get']>,
  { externalId, call }: { readonly externalId: string; readonly call: HttpCall<Config> },
): Promise<UpstreamRecord | undefined> {
  const request = get(externalId, call)
  const errorRules = [...(request.errorRules ?? []), { status: [404, 410], action: 'empty' as const }]
  const { empty, body } = await call.send({ ...request, errorRules })
  if (empty) return undefined
  if (!isObject(body)) {
    throw new SyncError('CONNECTOR_ANSWER_INVALID', "Upstream's answer is no record", {
      details: { failureType: 'system' },
    })
  }
  const { record, hydrate } = stream
  const whole = hydrate ? await hydrate(body, call) : body
  return mapRecord(typeof record === 'function' ? (item) => record(item, call) : record, whole)
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
