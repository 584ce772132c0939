import { SyncError } from '@syncline/core'
import type { HttpResponse } from '../requests/http-response.ts'
import { type Path, readPath, showPath } from './read-path.ts'

/** Where the records of an answer are; a function for what a path cannot say. */
export type RecordSelector = Path | ((body: unknown, response: HttpResponse) => readonly unknown[])

/**
 * The records of an answer, as they came.
 * @throws CONNECTOR_ANSWER_INVALID where there is no list: what is missing is never taken for an empty page
 */
export function selectRecords(selector: RecordSelector, response: HttpResponse): readonly unknown[] {
  const found =
    typeof selector === 'function' ? selector(response.body, response) : readPath(response.body, selector)
  if (Array.isArray(found)) return found
  const place = typeof selector === 'function' ? 'where it should be' : `at ${showPath(selector)}`
  throw new SyncError('CONNECTOR_ANSWER_INVALID', `Upstream's answer has no list of records ${place}`, {
    details: { status: response.status, failureType: 'system' },
  })
}
