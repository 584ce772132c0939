import { resolve } from 'node:path'
import { type Clock, type CredentialId, type CredentialStore, systemClock } from '@syncline/core'
import { credentialStoreIn, type StoredCredentials } from '@syncline/core/memory'
import { type CredentialFile, formatFile, parseFile, requireValues } from './file-format.ts'
import { withFileLock } from './file-lock.ts'
import { readPrivate, writePrivate } from './private-file.ts'

export interface FileCredentialStoreOptions {
  /** The JSON file; made with mode 0600 at the first write. A file that others may use is refused. */
  readonly path: string
  /** Where `{ "env": "NAME" }` in the file looks: usually the environment of the process, which the host hands over. @default none */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

/**
 * Credentials for development: a file of plain JSON, `{ "credentials": [{ "ref": "acme", "values": { "apiKey": { "env":
 * "ACME_API_KEY" } } }] }`. What a refresh brings is written into it, a value it does not change stays in the
 * environment. Every write replaces the file as a whole under a lock between the processes of this machine.
 */
export function fileCredentialStore(options: FileCredentialStoreOptions): CredentialStore {
  const path = resolve(options.path)
  const environment = options.environment ?? {}
  const clock = options.clock ?? systemClock
  let last: Promise<unknown> = Promise.resolve()

  const load = async (): Promise<CredentialFile> =>
    parseFile((await readPrivate(path)) ?? '{}', path, environment)
  const change = async <Answer>(step: (stored: StoredCredentials) => Answer): Promise<Answer> => {
    return withFileLock({ file: `${path}.lock`, clock }, async ({ confirm }) => {
      const file = await load()
      const before = formatFile(file, environment)
      const answer = step(file.stored)
      const after = formatFile(file, environment)
      if (after !== before) await writePrivate(path, after, confirm)
      return answer
    })
  }
  const store = credentialStoreIn({
    now: () => clock.now(),
    look: async (step) => step((await load()).stored),
    // One after the other within a process: the lock is for the others.
    change(step) {
      const done = last.then(() => change(step))
      last = done.catch(() => undefined)
      return done
    },
  })
  const read = async (id: CredentialId) => {
    const credential = await store.read(id)
    return credential && requireValues(credential, path)
  }
  return {
    ...store,
    read,
    async claimRefresh(request) {
      // What cannot be read is not claimed.
      await read(request.id)
      return store.claimRefresh(request)
    },
  }
}
