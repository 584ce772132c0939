export type { FileCredentialStoreOptions } from './file-credential-store.ts'
export { fileCredentialStore } from './file-credential-store.ts'
