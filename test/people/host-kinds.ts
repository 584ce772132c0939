import {
  type PostgresProfileStore,
  type PostgresUserDirectory,
  type ProfileTable,
  postgresProfileStore,
  postgresStore,
  postgresUserDirectory,
  type UserTable,
} from '@syncline/adapter-postgres'
import type { Store, UserStatus } from '@syncline/core'
import type pg from 'pg'
import { hostSchema, hostUsers } from '../../packages/adapter-postgres/test/people/host-users.ts'

/** Where a host keeps its users and their profiles. */
export interface HostKind {
  /** Statements that make what is beside our tables. */
  readonly schema: readonly string[]
  /** Absent: tables of ours. */
  readonly users?: UserTable | undefined
  readonly profiles?: ProfileTable | undefined
  /** Inserts users from the array `$1` of `{ name, email, sub, upstreamId }`, as JSON. */
  readonly insertUsers: string
  /** The tables that are written to, and the names of their columns. */
  readonly written: {
    readonly users: string
    readonly id: string
    readonly email: string
    readonly status: string
    readonly statuses: Readonly<Record<UserStatus, string>>
    readonly profiles: string
    readonly profileOf: string
  }
}

const given = `json_to_recordset($1::json) as g(name text, email text, sub text, "upstreamId" text)`

const ownTables: HostKind = {
  schema: [],
  insertUsers: `insert into syncline.local_user (id, email, sub, upstream_id)
    select 'u-' || name, email, sub, "upstreamId" from ${given}`,
  written: {
    users: 'syncline.local_user',
    id: 'id',
    email: 'email',
    status: 'status',
    statuses: { active: 'active', unconfirmed: 'unconfirmed', deactivated: 'deactivated' },
    profiles: 'syncline.user_profile',
    profileOf: 'user_id',
  },
}

const hostTables: HostKind = {
  schema: [
    ...hostSchema,
    `create table app.person ("accountId" uuid primary key references app."Account", job_title text, extra jsonb,
      sources jsonb)`,
  ],
  users: hostUsers,
  profiles: {
    table: { schema: 'app', name: 'person' },
    columns: {
      userId: 'accountId',
      attributes: 'extra',
      attributeSources: 'sources',
      fields: { title: 'job_title' },
    },
  },
  insertUsers: `with made as (insert into app."Account" (tenant, mail, "fullName", subject)
      select 7, email, name, sub from ${given} returning "accountId", "fullName")
    insert into app.identity (account, provider, person)
      select m."accountId", 'https://idp.example', g."upstreamId" from ${given}
      join made m on m."fullName" = g.name where g."upstreamId" is not null`,
  written: {
    users: 'app."Account"',
    id: 'accountId',
    email: 'mail',
    status: 'standing',
    statuses: { active: 'enabled', unconfirmed: 'invited', deactivated: 'closed' },
    profiles: 'app.person',
    profileOf: 'accountId',
  },
}

export const hostKinds = { own: ownTables, host: hostTables } as const

export type HostName = keyof typeof hostKinds

/** What Syncline is composed of over a host. */
export interface HostParts {
  readonly store: Store
  readonly users: PostgresUserDirectory
  readonly profiles: PostgresProfileStore
}

export function openHost(pool: pg.Pool, name: HostName): HostParts {
  const { users, profiles } = hostKinds[name]
  return {
    store: postgresStore({ pool }),
    users: postgresUserDirectory({ pool, users }),
    profiles: postgresProfileStore({ pool, profiles }),
  }
}
