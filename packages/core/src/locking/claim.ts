import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { lifeOf, type Owner, readOwner } from './owner.ts'

const ownerOnly = 0o600

/** What file systems without hard links answer. */
const linkless = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']

/** Makes a file with its content in one step. False where it is there already. */
export async function made(file: string, owner: Owner): Promise<boolean> {
  const own = `${file}.${owner.id}`
  const text = JSON.stringify(owner)
  await writeFile(own, text, { mode: ownerOnly })
  try {
    await link(own, file).catch((error: unknown) => {
      // In two steps: between them the file is of nobody, and nobody takes it over before it has stood still.
      if (linkless.some((code) => isCode(error, code))) {
        return writeFile(file, text, { mode: ownerOnly, flag: 'wx' })
      }
      throw error
    })
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  } finally {
    await rm(own, { force: true })
  }
}

/** A lock to be replaced. */
interface Replacing {
  /** Text of the lock of a dead owner. */
  readonly dead: string
  readonly owner: Owner
  /** It could not be replaced for long: who holds the claim, and cannot be told alive or dead, is dead. */
  readonly stuck: boolean
}

/**
 * Replaces the lock of a dead owner. False where somebody else replaced it. A lock may be replaced or removed only by
 * the one that holds the claim on that very lock, a lock itself, so that nothing is done to a lock that came after it.
 */
export function takeOver(file: string, { dead, owner, stuck }: Replacing): Promise<boolean> {
  return claiming(file, { id: claimIdOf(dead), owner, stuck }, async () => {
    if ((await textOf(file)) !== dead) return false
    const next = `${file}.${owner.id}.next`
    await writeFile(next, JSON.stringify(owner), { mode: ownerOnly })
    await rename(next, file)
    return true
  })
}

/** Removes a lock of this process, unless somebody took it over. */
export async function giveBack(file: string, owner: Owner): Promise<void> {
  await claiming(file, { id: owner.id, owner, stuck: false }, async () => {
    if (readOwner((await textOf(file)) ?? '')?.id === owner.id) await rm(file, { force: true })
    return true
  })
}

async function claiming(
  file: string,
  { id, owner, stuck }: Omit<Replacing, 'dead'> & { readonly id: string },
  work: () => Promise<boolean>,
): Promise<boolean> {
  const claim = `${file}.${id}.claim`
  if (!(await made(claim, owner))) {
    const holder = await textOf(claim)
    if (holder === undefined) return false
    // Killed in the middle of replacing it.
    const life = lifeOf(readOwner(holder))
    const isDead = life === 'dead' || (stuck && life === 'unknown')
    if (!isDead || !(await takeOver(claim, { dead: holder, owner, stuck }))) return false
  }
  try {
    return await work()
  } finally {
    await rm(claim, { force: true })
  }
}

/** What no process of ours wrote has no id. */
const claimIdOf = (text: string): string => readOwner(text)?.id ?? 'unnamed'

/** Undefined where there is no such file. */
export async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

export const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
