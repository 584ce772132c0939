import { parseCredentialId, parseCredentialValues } from '../credentials/credential-input.ts'
import type { CredentialKeeper } from '../credentials/credential-keeper.ts'
import { SyncError } from '../errors.ts'
import type { CredentialStore } from '../ports/credential-store.ts'
import type { Syncline } from './syncline.ts'

const defaultTenant = 'default'

/** Writing credentials through here, rather than to the store, is seen by this process at once. */
export function credentialsHandle(
  store: CredentialStore | undefined,
  keeper: CredentialKeeper,
): Syncline['credentials'] {
  const open = (): CredentialStore => {
    if (store) return store
    throw new SyncError('OPTIONS_INVALID', 'Give createSyncline a credential store to keep credentials in')
  }
  return {
    async save({ tenantId = defaultTenant, ref, ...input }) {
      const id = parseCredentialId({ tenantId, ref })
      const values = parseCredentialValues(id, input)
      const saved = await open().put(id, values)
      keeper.forget(id)
      return saved
    },
    list: async (query = {}) => open().list(query),
    async remove({ tenantId = defaultTenant, ref }) {
      const id = parseCredentialId({ tenantId, ref })
      const removed = await open().remove(id)
      keeper.forget(id)
      return removed
    },
  }
}
