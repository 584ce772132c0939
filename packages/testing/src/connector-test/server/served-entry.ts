import type { JsonValue } from '@syncline/core'
import type { ContractEntry, ExpectedRecord, ListingContract } from '../contract/listing-contract.ts'

/** An object as the scripted upstream serves it, and what the connector must make of it. */
export interface ServedEntry {
  readonly item: JsonValue
  readonly record: ExpectedRecord
  /** ISO instant. */
  readonly updatedAt: string
}

/** Long before any run. */
export const longAgo = '2025-06-01T08:30:00.000Z'

/** Ids of numbers begin high, so that samples of the contract rarely share one. */
const firstNumber = 7_000_001

/** Objects without anything special, from the `first` on. */
export function plainEntries(listing: ListingContract, count: number, first = 0): ServedEntry[] {
  return Array.from({ length: count }, (_, index) => plainEntry(listing, first + index))
}

export interface EntryChange {
  readonly name?: string
  readonly updatedAt?: string
}

export function plainEntry(
  listing: ListingContract,
  index: number,
  { name = `Entry ${index}`, updatedAt = longAgo }: EntryChange = {},
): ServedEntry {
  const id = plainId(listing, index)
  return served(listing, { id, name, email: `entry${index}@example.com`, updatedAt })
}

function plainId({ ids = 'text' }: ListingContract, index: number): string {
  if (ids === 'text') return `entry-${index}`
  return ids === 'number' ? String(firstNumber + index) : ids(index)
}

export function served(listing: ListingContract, entry: ContractEntry): ServedEntry {
  const { id, name, email = null, updatedAt } = entry
  const record = listing.expects?.(entry) ?? { externalId: id, displayName: name, email }
  return { item: listing.item(entry), record, updatedAt }
}

/** The contract's own samples. */
export const sampleEntries = ({ samples }: ListingContract): ServedEntry[] =>
  samples.map(({ item, record }) => ({ item, record, updatedAt: longAgo }))
