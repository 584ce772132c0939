import { pagesOf } from '@syncline/testing'
import { expect, test } from 'vitest'
import { people, setStage, users } from './stage.ts'

const count = 1_200

/** People are numbered from 0 on: how many have this in their name, e-mail or id. */
const matches = (part: string): number => people(count).filter(({ email }) => email?.includes(part)).length

test.each([
  // Nobody, one page that is not full, full ones, and more than are counted.
  'nobody',
  '117',
  '11',
  'person',
])(
  'every page of a search for "%s" says how many there are, up to 1,000 or the end of the page',
  async (part) => {
    const { syncline } = await setStage(pagesOf(people(count), 400))
    await syncline.sync(users)
    const all = matches(part)
    for (const pageSize of [1, 20, 100, 500]) {
      const last = Math.ceil(all / pageSize)
      for (const page of new Set([1, 2, Math.max(1, last), last + 1, last + 3])) {
        const counted = Math.max(1_000, page * pageSize + 1)
        const { data, total, totalIsExact } = await syncline.resources.list({
          ...users,
          search: part,
          page,
          pageSize,
        })
        expect([data.length, total, totalIsExact], `page ${page} of ${pageSize}`).toEqual([
          Math.max(0, Math.min(pageSize, all - (page - 1) * pageSize)),
          Math.min(all, counted),
          all < counted,
        ])
      }
    }
  },
)
