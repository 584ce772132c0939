import { type Answer, jsonHeaders } from '../../upstream/answer.ts'
import type { FaultEffect } from '../../upstream/fault-effect.ts'
import type { Reply } from '../contract/reply.ts'

/** The reply as it goes over the wire. */
export function replyAnswer({ status = 200, headers = {}, json, text }: Reply): Answer {
  if (text !== undefined) return { status, headers, body: text }
  if (json === undefined) return { status, headers, body: '' }
  return { status, headers: { ...jsonHeaders, ...headers }, body: writeJson(json) }
}

/** The reply in place of every answer that meets the fault. */
export function replyEffect(reply: Reply): FaultEffect {
  const { status, body } = replyAnswer(reply)
  return { kind: 'status', status, headers: reply.headers, body: String(body) }
}

/** 2^53 + 1: the first whole number that `JSON.parse` alters. */
export const unsafeNumber = '9007199254740993'

/** What `JSON.parse` makes of it. */
export const roundedNumber = '9007199254740992'

/** Stands for it until an answer is written: no JavaScript number can. */
export const unsafeNumberPlaceholder = '4503599627370497'

const writeJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(unsafeNumberPlaceholder, unsafeNumber)
