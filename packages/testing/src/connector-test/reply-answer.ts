import { type Answer, jsonHeaders } from '../upstream/answer.ts'
import type { FaultEffect } from '../upstream/fault-effect.ts'
import type { Reply } from './reply.ts'
import { writeJson } from './unsafe-number.ts'

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
