import { everyHeader, type OpenApiOptions, openApiDocument } from '@syncline/http'
import type { FastifyInstance } from 'fastify'
import { sendReply } from './send-reply.ts'

export interface OpenApiServing extends OpenApiOptions {
  /** Below the base path. @default '/openapi.json' */
  readonly path?: string | undefined
}

/** The document says what the API is and nothing of what is in it: anybody may read it. */
export function serveDocument(app: FastifyInstance, serverUrl: string, options: OpenApiServing): void {
  const { path = '/openapi.json', ...rest } = options
  const body = JSON.stringify(openApiDocument({ serverUrl, ...rest }))
  const headers = { ...everyHeader, 'content-type': 'application/json; charset=utf-8' }
  app.get(path, async (_request, reply) => sendReply(reply, { status: 200, headers, body }))
}
