import { createHash } from 'node:crypto'
import type { UpstreamRecord } from '@syncline/core'
import type { Generated } from 'kysely'

/** A table as most people would make it, with the indexes of ours. */
export const ordinaryTable = [
  `create table connector_resource (
    id uuid primary key,
    connector_id uuid not null,
    resource_type varchar(64) not null,
    external_id varchar(255) not null,
    display_name varchar(255) not null,
    email varchar(255),
    attributes jsonb not null,
    sync_hash varchar(64) not null,
    stale_since timestamptz,
    synced_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    unique (connector_id, resource_type, external_id)
  )`,
  `create index connector_resource_stale on connector_resource (connector_id, resource_type, stale_since)
    where stale_since is not null`,
]

export interface OrdinaryRow {
  id: string
  connector_id: string
  resource_type: string
  external_id: string
  display_name: string
  email: string | null
  /** JSON text. */
  attributes: string
  sync_hash: string
  stale_since: Date | null
  synced_at: Generated<Date>
  created_at: Generated<Date>
}

export const ordinaryScope = {
  connector_id: '0190a1b2-0000-7000-8000-000000000001',
  resource_type: 'user',
} as const

/** What is known of a record before it is compared. */
export function ordinaryRow(record: UpstreamRecord) {
  return {
    ...ordinaryScope,
    external_id: record.externalId,
    display_name: record.displayName,
    email: record.email ?? null,
    attributes: JSON.stringify(record.attributes),
    sync_hash: usualHash(record),
  }
}

/** The usual fingerprint: sort into a clone, JSON.stringify, createHash. */
export const usualHash = (record: UpstreamRecord): string =>
  createHash('sha256')
    .update(JSON.stringify(sortedClone(record)))
    .digest('hex')

function sortedClone(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedClone)
  if (!isObject(value)) return value
  const clone: Record<string, unknown> = {}
  for (const name of Object.keys(value).toSorted()) clone[name] = sortedClone(value[name])
  return clone
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
