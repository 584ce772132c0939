import type { RecordFields } from '@syncline/connector-http'
import type { JsonObject } from '@syncline/core'

/** What is not an attribute, because the record says it already. */
const told = new Set(['id', 'name', 'email'])

/** `identityIssuer` stays at the top of the attributes, where matching by e-mail and issuer looks for it. */
export const userRecord: RecordFields = {
  externalId: 'id',
  displayName: (user) => [user.name, fullName(user), user.username].find(isThere) ?? user.name,
  email: 'email',
  attributes: (user) => Object.fromEntries(Object.entries(user).filter(([field]) => !told.has(field))),
}

/** Of groups and roles: description, namespace, counts and flags are attributes. */
export const namedRecord: RecordFields = { externalId: 'id', displayName: 'name' }

const fullName = ({ givenName, familyName }: JsonObject): string => {
  const parts = [givenName, familyName].filter((part) => typeof part === 'string')
  return parts.filter(isThere).join(' ')
}

/** Blanks are no name. */
const isThere = (value: unknown): boolean =>
  typeof value === 'string' ? value.trim() !== '' : value !== undefined && value !== null
