import { isObject, type ScimObject } from '../protocol/read-member.ts'
import { canonicalObject } from './canonical-value.ts'

const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:user'

/** Protocol, not data; and what must not be stored even by a server that shows it. */
const leftOut = ['id', 'schemas', 'meta', 'password']

/**
 * What a resource says, in canonical form: core attributes under their names, the enterprise extension at
 * `enterprise`, other extensions at `extensions` under their URNs.
 */
export function resourceAttributes(item: ScimObject): Record<string, unknown> {
  const { core, enterprise, extensions } = partsOf(item)
  const attributes = canonicalObject(core)
  for (const name of leftOut) delete attributes[name]
  if (enterprise) attributes.enterprise = enterprise
  if (Object.keys(extensions).length > 0) attributes.extensions = extensions
  return attributes
}

function partsOf(item: ScimObject) {
  const core: Record<string, unknown> = {}
  const extensions: Record<string, unknown> = {}
  let enterprise: Record<string, unknown> | undefined
  for (const [name, value] of Object.entries(item)) {
    const urn = name.toLowerCase()
    if (!urn.startsWith('urn:')) core[name] = value
    else if (urn === enterpriseUrn && isObject(value)) enterprise = canonicalObject(value)
    else if (value !== null) extensions[name] = isObject(value) ? canonicalObject(value) : value
  }
  return { core, enterprise, extensions }
}
