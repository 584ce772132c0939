import type { Authorize } from '@syncline/http-fastify'
import type { FastifyRequest } from 'fastify'
import { jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'

const issuer = 'https://host.example'
const audience = 'syncline'
const claims = z.object({ sub: z.string().min(1), tenant: z.string().min(1), scope: z.string() })

/** The host's own way to know its callers: tokens that it signs, for operators of one tenant. */
export interface HostAuth {
  /** A token for twelve hours. A host has a login in front of this. */
  issue(operator: string, tenant: string): Promise<string>
  readonly authorize: Authorize<FastifyRequest>
}

export function createHostAuth(secret: Uint8Array): HostAuth {
  return {
    issue: (operator, tenant) =>
      new SignJWT({ tenant, scope: 'connector:read connector:manage' })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(operator)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime('12h')
        .sign(secret),
    async authorize(request, permission) {
      const [, token] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? []
      if (token === undefined) return 'unauthenticated'
      const caller = await readToken(token, secret)
      if (!caller) return 'unauthenticated'
      // The tenant is in every query: connectors of others do not exist for this caller.
      const may = caller.scope.split(' ').includes(permission)
      return may ? { id: caller.sub, tenantId: caller.tenant } : 'forbidden'
    },
  }
}

/** Undefined for a token that is forged, too old, or for somebody else. */
async function readToken(token: string, secret: Uint8Array): Promise<z.output<typeof claims> | undefined> {
  try {
    const { payload } = await jwtVerify(token, secret, { issuer, audience, algorithms: ['HS256'] })
    return claims.safeParse(payload).data
  } catch {
    return undefined
  }
}
