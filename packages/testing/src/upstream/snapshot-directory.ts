import { readFile } from 'node:fs/promises'
import { SyncError } from '@syncline/core'
import { z } from 'zod'
import type { Directory, ReplaceCounts } from './directory.ts'
import type { DirectoryEntry } from './directory-entry.ts'

const snapshotSchema = z.object({
  org: z.string().min(1),
  at: z.iso.datetime(),
  commit: z.string().min(1),
  users: z.array(z.object({ login: z.string().min(1), role: z.enum(['admin', 'member']) })),
  teams: z.array(
    z.object({
      slug: z.string().min(1),
      parent: z.string().min(1).nullable(),
      description: z.string().nullable(),
      privacy: z.string().nullable(),
      maintainers: z.array(z.string()),
      members: z.array(z.string()),
    }),
  ),
})

type SnapshotFile = z.output<typeof snapshotSchema>

/** An organisation as it was at one instant, as directory entries. */
export interface Snapshot {
  readonly org: string
  readonly at: Date
  readonly users: readonly DirectoryEntry[]
  readonly groups: readonly DirectoryEntry[]
}

/**
 * Reads one snapshot of a code host's organisation, a JSON file of
 * `{ org, at, commit, users: [{ login, role }], teams: [{ slug, parent, description, privacy, maintainers, members }] }`.
 * Users belong to the teams they maintain or are members of; there are no e-mail addresses.
 * @throws OPTIONS_INVALID when the file cannot be read or has another shape; the message says what and where
 */
export async function readSnapshot(path: string): Promise<Snapshot> {
  const file = parseSnapshot(path, await readText(path))
  return { org: file.org, at: new Date(file.at), users: userEntries(file), groups: groupEntries(file) }
}

/** Makes users and groups of a directory exactly those of a snapshot; only what differs gets a new `updatedAt`. */
export function replaySnapshot(
  directory: Directory,
  snapshot: Snapshot,
): { readonly users: ReplaceCounts; readonly groups: ReplaceCounts } {
  return {
    users: directory.replaceAll('user', snapshot.users),
    groups: directory.replaceAll('group', snapshot.groups),
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new SyncError('OPTIONS_INVALID', `The snapshot ${path} cannot be read`, { cause: error })
  }
}

function parseSnapshot(path: string, text: string): SnapshotFile {
  try {
    return snapshotSchema.parse(JSON.parse(text))
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    throw new SyncError('OPTIONS_INVALID', `${path} is no snapshot of an organisation: ${problem}`, {
      cause: error,
    })
  }
}

/** The host compares logins without case, and its files do not always agree on it. */
const loginKey = (login: string): string => login.toLowerCase()

function userEntries({ users, teams }: SnapshotFile): DirectoryEntry[] {
  const groupsOf = new Map<string, string[]>(users.map(({ login }) => [loginKey(login), []]))
  for (const { slug, maintainers, members } of teams) {
    for (const key of new Set([...maintainers, ...members].map(loginKey))) groupsOf.get(key)?.push(slug)
  }
  return users.map(({ login, role }) => ({
    id: login,
    name: login,
    role,
    groups: (groupsOf.get(loginKey(login)) ?? []).toSorted(),
  }))
}

function groupEntries({ users, teams }: SnapshotFile): DirectoryEntry[] {
  const loginOf = new Map(users.map(({ login }) => [loginKey(login), login]))
  const logins = (list: readonly string[]): string[] =>
    [...new Set(list.map((login) => loginOf.get(loginKey(login)) ?? login))].toSorted()
  return teams.map(({ slug, parent, description, privacy, maintainers, members }) => ({
    id: slug,
    name: slug,
    description,
    privacy,
    parent,
    maintainers: logins(maintainers),
    members: logins([...maintainers, ...members]),
  }))
}
