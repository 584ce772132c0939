import type { ListingContract } from '../contract/listing-contract.ts'
import { longAgo, plainEntries, type ServedEntry, served } from './served-entry.ts'

/** Precomposed and decomposed letters, scripts from right to left, beyond the basic plane, invisible, quoted. */
const names = [
  'Jos\u00E9',
  'Jose\u0301',
  '\u0644\u064A\u0644\u0649 \u0627\u0644\u0646\u062C\u0627\u0631',
  'Kim \u{1F469}\u{1F3FD}\u200D\u{1F680}',
  '\u{20BB7}\u91CE',
  'I\u0307stanbul \u0130',
  'O\'Da\u00ADly "Bobby" \\ <b>&amp;</b>',
  '  spaces  around  ',
]

/** What clients mangle on the way through a URL, a number or a comparison. */
const textIds = [
  'a/b',
  'a%2Fb',
  'a+b',
  'a b',
  'a?b=c&d#e',
  'Case',
  'case',
  '007',
  '1e3',
  '\u00FC\u4E2D\u{1F98A}',
  'null',
  '{"id":1}',
]

const numberIds = ['0', '1', String(Number.MAX_SAFE_INTEGER)]

/** Objects with values that clients get wrong, as far as the listing can have them. */
export function awkwardEntries(listing: ListingContract): ServedEntry[] {
  const { ids = 'text' } = listing
  const own = ids === 'text' ? textIds : ids === 'number' ? numberIds : []
  const entry = (
    index: number,
    change: { name?: string; email?: string | null | undefined },
  ): ServedEntry => {
    const id = own[index]
    const [plain] = plainEntries(listing, 1, index)
    const known = { id: id ?? plain?.record.externalId ?? '', name: `Awkward ${index}`, updatedAt: longAgo }
    return served(listing, { ...known, email: `awkward${index}@example.com`, ...change })
  }
  const ownIds = own.map((_, index) => entry(index, {}))
  const named = names.map((name, index) => entry(own.length + index, { name }))
  const mailed = [null, undefined].map((email, index) => entry(own.length + names.length + index, { email }))
  return [...ownIds, ...named, ...mailed]
}
