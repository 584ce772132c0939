import type { LdapEntry } from '../directory/ldap-entry.ts'

/** ACCOUNTDISABLE, [MS-ADTS] 2.2.16. */
const disabledFlag = 0x2
/** Written by the password policy overlay for an account an administrator locked for good. */
const lockedForGood = '000001010000Z'

/** Whether an account is active, by its `nsAccountLock`. */
const accountLocks: ReadonlyMap<string, boolean> = new Map([
  ['true', false],
  ['false', true],
])

/** Attributes `isActive` looks at. */
export const accountSources = ['userAccountControl', 'pwdAccountLockedTime', 'nsAccountLock'] as const

/**
 * Whether an account may log in as far as its directory says so: not disabled (Active Directory), not locked for good
 * (OpenLDAP's password policy), not locked (`nsAccountLock` of 389 Directory Server and FreeIPA). Undefined where the
 * directory says nothing. A lock that ends by itself does not count.
 */
export function isActive(entry: LdapEntry): boolean | undefined {
  const [control] = entry.texts('userAccountControl')
  if (control !== undefined && /^-?\d+$/.test(control)) return (Number(control) & disabledFlag) === 0
  const [locked] = entry.texts('pwdAccountLockedTime')
  if (locked === lockedForGood) return false
  const [lock] = entry.texts('nsAccountLock')
  return accountLocks.get(lock?.trim().toLowerCase() ?? '')
}
