import { isObject, type ScimObject, valuesOf } from '../protocol/read-member.ts'
import { canonicalName } from './canonical-names.ts'
import { canonicalObject, canonicalValue, isPassword } from './canonical-value.ts'

const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:user'

/** Protocol, not data. */
const protocolNames = new Set(['id', 'schemas', 'meta'])

/** Core attributes with several values (RFC 7643, section 4.1.2): one value alone is a list of one. */
const lists = new Set(
  'emails phoneNumbers ims photos addresses entitlements roles x509Certificates'.split(' '),
)

/**
 * Returns the attributes of a resource in canonical form: core attributes under their names, the enterprise extension
 * at `enterprise`, other extensions at `extensions` under their URNs.
 * @param references name of the attribute that is read by `readReferences` and left out here
 */
export function resourceAttributes(
  item: ScimObject,
  references: 'members' | 'groups',
): Record<string, unknown> {
  const { core, enterprise, extensions } = partsOf(item, references)
  const attributes = canonicalObject(core)
  if (enterprise) attributes.enterprise = enterprise
  if (Object.keys(extensions).length > 0) attributes.extensions = extensions
  return attributes
}

function partsOf(item: ScimObject, references: string) {
  const core: Record<string, unknown> = {}
  const extensions: Record<string, unknown> = {}
  let enterprise: Record<string, unknown> | undefined
  for (const [name, value] of Object.entries(item)) {
    const urn = name.toLowerCase()
    const known = canonicalName(name)
    if (protocolNames.has(known) || known === references || isPassword(name)) continue
    if (!urn.startsWith('urn:')) core[name] = lists.has(known) ? valuesOf(value) : value
    else if (urn === enterpriseUrn && isObject(value)) enterprise = canonicalObject(value)
    else if (value !== null)
      extensions[name] = isObject(value) ? canonicalObject(value) : canonicalValue(value)
  }
  return { core, enterprise, extensions }
}
