import type { CacheTarget, ResourceRef } from '@syncline/core'

/** Of a connector's resource type: the generation of the type, and of the connector. */
export interface ScopeKeys {
  readonly type: string
  readonly connector: string
}

export interface EntryKeys {
  readonly entry: string
  readonly scope: ScopeKeys
}

/** Where the cache keeps what: `cr:{connectorId}:{resourceType}:{externalId}` and the generations above it. */
export interface CacheKeys {
  of(ref: ResourceRef): EntryKeys
  /** The one key whose loss forgets the target. */
  ofTarget(target: CacheTarget): string
}

/**
 * Ids and types are written as they are, but for what would make two of them one: `%`, a `:` anywhere but in the
 * external id, which comes last, and half surrogate pairs, which UTF-8 has no bytes for.
 */
export function cacheKeys(prefix: string): CacheKeys {
  /** Look-ups come in rows of one type. */
  let last: (ScopeKeys & Pick<ResourceRef, 'connectorId' | 'resourceType'>) | undefined
  const connectorKey = (connectorId: string): string => `${prefix}:${escape(connectorId)}`
  const scopeKeys = (connectorId: string, resourceType: string): ScopeKeys => {
    if (last?.connectorId === connectorId && last.resourceType === resourceType) return last
    const connector = connectorKey(connectorId)
    last = { connectorId, resourceType, connector, type: `${connector}:${escape(resourceType)}` }
    return last
  }
  const entryKeys = (scope: ScopeKeys, externalId: string): EntryKeys => ({
    entry: `${scope.type}:${escapeLast(externalId)}`,
    scope,
  })
  return {
    of: ({ connectorId, resourceType, externalId }) =>
      entryKeys(scopeKeys(connectorId, resourceType), externalId),
    ofTarget({ connectorId, resourceType, externalId }) {
      if (resourceType === undefined) return connectorKey(connectorId)
      const scope = scopeKeys(connectorId, resourceType)
      return externalId === undefined ? scope.type : entryKeys(scope, externalId).entry
    },
  }
}

const escape = (part: string): string => escapeLast(part).replaceAll(':', '%3A')

const escapeLast = (part: string): string => {
  const safe = part.includes('%') ? part.replaceAll('%', '%25') : part
  return safe.isWellFormed()
    ? safe
    : safe.replaceAll(/\p{Surrogate}/gu, (half) => `%u${half.charCodeAt(0).toString(16)}`)
}
