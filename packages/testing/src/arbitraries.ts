import type { FilterRules, JsonValue, UpstreamRecord } from '@syncline/core'
import type FastCheck from 'fast-check'
import type { ModelRecord, ModelRun } from './reference-model.ts'

// fast-check is the caller's: its module is handed in, so that this package does not depend on it.

/** Ids that a store or an engine may take for one another. */
const lookAlikes = ['a', 'A', '7', '07', '\u00e9', 'e\u0301', 'a ', '\u{1f469}\u200d\u{1f4bb}', '%', '\uffff']

/** The filter that goes with `toUpstreamRecord`: it leaves out exactly the `filtered` records. */
export const modelFilter: FilterRules = { emailDomains: ['kept.example'] }

/** A model's record as upstream lists it. Bad ones hold U+0000, which no store keeps. */
export function toUpstreamRecord({ externalId, content, kind }: ModelRecord): UpstreamRecord {
  return {
    externalId,
    displayName: content,
    email: kind === 'filtered' ? 'someone@left-out.example' : 'someone@kept.example',
    attributes: { content, ...(kind === 'bad' && { broken: '\u0000' }) },
  }
}

const modelRecord = (fc: typeof FastCheck): FastCheck.Arbitrary<ModelRecord> =>
  fc.record({
    externalId: fc.constantFrom(...lookAlikes),
    content: fc.constantFrom('A', 'B', 'C'),
    kind: fc.oneof(
      { weight: 6, arbitrary: fc.constant('good' as const) },
      { weight: 1, arbitrary: fc.constant('bad' as const) },
      { weight: 1, arbitrary: fc.constant('filtered' as const) },
    ),
  })

/** One run: what upstream lists, with keys that repeat within and across pages, sometimes capped. */
export const modelRun = (fc: typeof FastCheck): FastCheck.Arbitrary<ModelRun> =>
  fc.record({
    mode: fc.oneof(
      { weight: 3, arbitrary: fc.constant('full' as const) },
      { weight: 1, arbitrary: fc.constant('incremental' as const) },
    ),
    pages: fc.array(fc.array(modelRecord(fc), { maxLength: 6 }), { minLength: 1, maxLength: 4 }),
    maxRecords: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined, freq: 4 }),
  })

/** Several runs, one after the other, over the same scope. */
export const modelHistory = (fc: typeof FastCheck): FastCheck.Arbitrary<ModelRun[]> =>
  fc.array(modelRun(fc), { minLength: 1, maxLength: 5 })

/** Text as people and systems write it, from the whole of Unicode; never half a surrogate pair nor U+0000. */
export const storableText = (fc: typeof FastCheck): FastCheck.Arbitrary<string> =>
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\u0000', '').toWellFormed())

/** Attributes that JSON carries without loss. */
export const storableAttributes = (
  fc: typeof FastCheck,
): FastCheck.Arbitrary<{ [key: string]: JsonValue }> => {
  const { tree } = fc.letrec<{ tree: JsonValue }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.boolean(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
      storableText(fc),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(storableText(fc), tie('tree'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }))
  return fc.dictionary(storableText(fc), tree, { maxKeys: 5, noNullPrototype: true })
}
