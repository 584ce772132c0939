import { type HttpCall, readPath } from '@syncline/connector-http'
import { isSyncError } from '@syncline/core'
import type { AuthifiConfig } from './config-schema.ts'

/** An instance serves the OpenAPI document of its own version here. */
const link = '/auth/docs'

/** The paths it describes, each parameter as `{}`; undefined where it shows none to this client, or a page for people instead. */
export async function readApiDocument({
  send,
}: HttpCall<AuthifiConfig>): Promise<readonly string[] | undefined> {
  try {
    const { body } = await send({
      link,
      decode: parseIfJson,
      errorRules: [{ status: [401, 403, 404, 406], action: 'empty' }],
    })
    const paths = readPath(body, 'paths')
    if (typeof paths !== 'object' || paths === null) return undefined
    return Object.keys(paths).map((path) => path.replaceAll(/\{[^{}]*\}/g, '{}'))
  } catch (error) {
    // It leads elsewhere, or is no document: that says nothing about the lists.
    if (isSyncError(error, 'UPSTREAM_REJECTED')) return undefined
    throw error
  }
}

function parseIfJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
