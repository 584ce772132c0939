import { describe, expect, test } from 'vitest'
import { oneAhead } from '../../src/post-sync/one-ahead.ts'

/** Items 1, 2, 3, noting when each is asked for and when its making ends; the failing one throws. */
async function* numbers(notes: string[], failing?: number): AsyncGenerator<number> {
  try {
    for (const number of [1, 2, 3]) {
      notes.push(`make ${number}`)
      await Promise.resolve()
      if (number === failing) throw new Error(`cannot make ${number}`)
      yield number
    }
  } finally {
    notes.push('closed')
  }
}

describe('oneAhead', () => {
  test('answers the same items in order, each made while the one before it is worked on', async () => {
    const notes: string[] = []
    for await (const number of oneAhead(numbers(notes))) notes.push(`work on ${number}`)
    expect(notes).toEqual(['make 1', 'make 2', 'work on 1', 'make 3', 'work on 2', 'closed', 'work on 3'])
  })

  test('what could not be made throws in its turn', async () => {
    const worked: number[] = []
    const work = async (): Promise<void> => {
      for await (const number of oneAhead(numbers([], 2))) {
        await new Promise(setImmediate)
        worked.push(number)
      }
    }
    await expect(work()).rejects.toThrow('cannot make 2')
    expect(worked).toEqual([1])
  })

  test('whoever ends early waits for the item that is being made', async () => {
    const notes: string[] = []
    for await (const number of oneAhead(numbers(notes))) {
      if (number === 1) break
    }
    expect(notes).toEqual(['make 1', 'make 2', 'closed'])
  })

  test('what could not be made for somebody who ended early is nobody’s', async () => {
    const notes: string[] = []
    for await (const number of oneAhead(numbers(notes, 2))) {
      if (number === 1) break
    }
    expect(notes).toEqual(['make 1', 'make 2', 'closed'])
  })
})
