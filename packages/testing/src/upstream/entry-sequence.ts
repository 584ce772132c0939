import type { ListedEntry } from './directory-entry.ts'

/** An entry and its place in the listing order. */
interface SequencedEntry {
  readonly sequence: number
  readonly entry: ListedEntry
}

/** Entries of one type in the order they first came; an entry that is changed keeps its place. */
export interface EntrySequence {
  readonly size: number
  get(id: string): ListedEntry | undefined
  put(entry: ListedEntry): void
  /** False when there is none. An entry that comes back later takes a new place at the end. */
  remove(id: string): boolean
  /** Entries placed after a sequence number; 0 is before the first. */
  after(sequence: number): Iterable<SequencedEntry>
}

interface Slot {
  readonly sequence: number
  entry: ListedEntry | undefined
}

const slackBeforeCompaction = 1_000

export function createEntrySequence(): EntrySequence {
  const byId = new Map<string, Slot>()
  let slots: Slot[] = []
  let last = 0

  const firstAfter = (sequence: number): number => {
    let low = 0
    let high = slots.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((slots[middle]?.sequence ?? 0) > sequence) high = middle
      else low = middle + 1
    }
    return low
  }

  return {
    get size() {
      return byId.size
    },
    get: (id) => byId.get(id)?.entry,
    put(entry) {
      const known = byId.get(entry.id)
      if (known) {
        known.entry = entry
        return
      }
      last += 1
      const slot = { sequence: last, entry }
      byId.set(entry.id, slot)
      slots.push(slot)
    },
    remove(id) {
      const slot = byId.get(id)
      if (!slot) return false
      slot.entry = undefined
      byId.delete(id)
      // Emptied slots keep the binary search valid; they are dropped once they outnumber the entries.
      if (slots.length > 2 * byId.size + slackBeforeCompaction) slots = slots.filter(({ entry }) => entry)
      return true
    },
    *after(sequence) {
      const current = slots
      for (let index = firstAfter(sequence); index < current.length; index++) {
        const slot = current[index]
        if (slot?.entry) yield { sequence: slot.sequence, entry: slot.entry }
      }
    },
  }
}
