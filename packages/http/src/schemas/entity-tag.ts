import { z } from 'zod'

/** Strong tags (RFC 9110 §8.8.3); ours have no comma and no quotation mark. */
const list = /^(?:W\/)?"[^"]*"(?:[\t ]*,[\t ]*(?:W\/)?"[^"]*")*$/

const tagList = z.string().max(4_096).regex(list, 'must be entity tags, in quotation marks, or *')

/** The tags of `If-Match`. A weak one matches nothing (RFC 9110 §13.1.1). */
export const ifMatch = z.union([z.literal('*'), tagList])

/** `If-None-Match: *`: only if there is none yet. */
export const ifNoneMatch = z.literal('*')

export const entityTag = (revision: string): string => `"${revision}"`

/** The revisions that a list of tags allows. */
export const revisionsOf = (tags: string): readonly string[] =>
  [...tags.matchAll(/(W\/)?"([^"]*)"/g)].flatMap(([, weak, revision]) =>
    weak === undefined && revision !== undefined ? [revision] : [],
  )
