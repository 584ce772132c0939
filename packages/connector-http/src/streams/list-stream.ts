import type { JsonObject, ListAnswer } from '@syncline/core'
import pLimit from 'p-limit'
import { singlePage } from '../pagination/paginator.ts'
import { mapInTurns } from '../records/map-in-turns.ts'
import { mapRecord } from '../records/map-record.ts'
import { checkPageRecords } from '../records/page-bound.ts'
import { readPath } from '../records/read-path.ts'
import { selectRecords } from '../records/select-records.ts'
import type { HttpRequest } from '../requests/http-request.ts'
import { settle } from '../setting.ts'
import type { DeclaredStream, StreamCall } from './stream.ts'

const hydrating = 4

/** Lists one page of a declared stream. */
export async function listStream<Config>(
  stream: DeclaredStream<Config>,
  call: StreamCall<Config>,
): Promise<ListAnswer> {
  const { config, context, signal, send } = call
  const { cursor, pageSize } = call.request
  const { response, items, next, total } = await settle(stream.paginator ?? singlePage(), config).readPage({
    cursor,
    pageSize,
    request: firstRequest(stream, call),
    send,
    select: (page) => selectRecords(stream.records ?? '', page),
    clock: context.clock,
    signal,
  })
  checkPageRecords(items, call.request)
  const { record } = stream
  const mapping = typeof record === 'function' ? (item: JsonObject) => record(item, call) : record
  const whole = await hydrateAll(stream, items, call)
  const totalEstimate =
    total ?? (stream.total === undefined ? undefined : readPath(response.body, stream.total))
  return {
    success: true,
    payload: {
      resources: await mapInTurns(whole, (item) => mapRecord(mapping, item)),
      nextCursor: next,
      totalEstimate: isCount(totalEstimate) ? totalEstimate : undefined,
    },
  }
}

/** A guess that cannot be is none: progress is not worth a failed run. */
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

function firstRequest<Config>(stream: DeclaredStream<Config>, call: StreamCall<Config>): HttpRequest {
  const request = typeof stream.request === 'function' ? stream.request(call) : stream.request
  const { modifiedSince } = call.request
  return modifiedSince === undefined || !stream.incremental
    ? request
    : stream.incremental(request, modifiedSince, call)
}

async function hydrateAll<Config>(
  { hydrate }: DeclaredStream<Config>,
  items: readonly unknown[],
  call: StreamCall<Config>,
): Promise<readonly unknown[]> {
  if (!hydrate) return items
  const atOnce = pLimit(hydrating)
  const whole = async (item: JsonObject): Promise<unknown> => {
    try {
      return await hydrate(item, call)
    } catch (error) {
      // Nothing more is sent: it may have been a throttle.
      atOnce.clearQueue()
      throw error
    }
  }
  return Promise.all(items.map((item) => (isObject(item) ? atOnce(whole, item) : item)))
}

const isObject = (item: unknown): item is JsonObject =>
  typeof item === 'object' && item !== null && !Array.isArray(item)
