import type { LocalUser, UserStatus } from '../model/local-user.ts'
import type { MatchStrategy } from '../model/match.ts'
import type { Owner } from '../model/owner.ts'
import type { ResourceRef } from '../model/scope.ts'

/** What is looked up: the folded value of the strategy, and for `email_and_issuer` the folded issuer. */
export interface UserKey {
  readonly value: string
  readonly issuer?: string | undefined
}

export interface KeyLookup extends Owner {
  readonly strategy: MatchStrategy
  /** Distinct; any number. */
  readonly keys: readonly UserKey[]
  /** The most users to answer for one key. */
  readonly perKey: number
}

export interface KeyHit {
  /** Index into `keys`. */
  readonly key: number
  readonly user: LocalUser
}

/** A user to make, in status `unconfirmed`, and the resource it is made for. */
export interface NewUser extends ResourceRef, Owner {
  readonly actionId: string
  /** As upstream spells it. */
  readonly email: string
  readonly displayName: string
}

export type CreatedUser =
  | { readonly actionId: string; readonly kind: 'created'; readonly user: LocalUser }
  /** Another user of the tenant has the e-mail, in whatever case and status. */
  | { readonly actionId: string; readonly kind: 'email_taken' }

/** A user whose status is to change. */
export interface StatusChange extends Owner {
  readonly actionId: string
  readonly userId: string
  readonly kind: 'deactivate' | 'reactivate'
}

export interface StatusChanged {
  readonly actionId: string
  /**
   * changed: now, or before by this very action · same: it had the status already · missing: there is no such user
   */
  readonly kind: 'changed' | 'same' | 'missing'
  readonly from?: UserStatus | undefined
  readonly to?: UserStatus | undefined
}

/**
 * The host's users. Sets in, sets out: a method is called for thousands at once and must not work one by one.
 *
 * A method that throws has failed: the step fails and every match stays as it was. An answer that leaves something
 * out says "there is none", so a directory that cannot be read completely must throw.
 * Changes are known by their action id, and repeating one changes nothing: post-sync asks again after a crash.
 * Each call is atomic, or at least each user in it.
 *
 * Each call names the tenant it is made for, and must neither read nor change a user of another tenant. E-mails, subs,
 * upstream ids, user ids and action ids of two tenants may be equal. A returned user contains its `tenantId`. Core
 * compares it and fails the step when it is another one.
 */
export interface UserDirectory {
  /**
   * Users by the key of a strategy, deactivated ones included:
   * `email`: value = folded `email` · `email_and_issuer`: value = folded `email` and issuer = folded
   * `upstreamIssuer`, compared as two fields · `upstream_identity`: value = `upstreamId` · `external_id`: value = `sub`.
   * Folded means by `emailKey` for e-mails and `matchText` for issuers; ids are compared byte for byte. Core compares
   * again by the same functions and ignores what does not equal, so answering too much is harmless, too little is not. At most `perKey` for one key: users that are not deactivated first, then by user id by code point.
   */
  findByKeys(lookup: KeyLookup): Promise<readonly KeyHit[]>
  /** Users by id, in any order; those that do not exist are left out. */
  get(userIds: readonly string[], owner: Owner): Promise<readonly LocalUser[]>
  /**
   * Makes users, in order, and answers one outcome each. An action that made its user before answers that user, as
   * it is now. E-mails are compared folded.
   */
  create(users: readonly NewUser[]): Promise<readonly CreatedUser[]>
  /** Which of these actions made a user, and the user as it is now. */
  createdBy(
    actionIds: readonly string[],
    owner: Owner,
  ): Promise<readonly { actionId: string; user: LocalUser }[]>
  /**
   * Soft-deletes or brings back, and answers one outcome each. A user comes back in the status it had before it was
   * deactivated, `active` where that is not known.
   */
  changeStatus(changes: readonly StatusChange[]): Promise<readonly StatusChanged[]>
}
