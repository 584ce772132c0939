export type { DatabaseOptions, PGliteInstance, SchemaOptions } from './connect-database.ts'
export type { CredentialKeys, KeyEncryptionKey } from './credentials/key-ring.ts'
export type {
  PostgresCredentialStore,
  PostgresCredentialStoreOptions,
} from './credentials/postgres-credential-store.ts'
export { postgresCredentialStore } from './credentials/postgres-credential-store.ts'
export type { RewrapReport } from './credentials/rewrap-credentials.ts'
export { rewrapCredentials } from './credentials/rewrap-credentials.ts'
export type { MigrationStatus } from './migrate.ts'
export { migrate, migrationStatus } from './migrate.ts'
export type { OpenEmbeddedStoreOptions } from './open-embedded-store.ts'
export { openEmbeddedStore } from './open-embedded-store.ts'
export type { OpenPostgresStoreOptions } from './open-postgres-store.ts'
export { openPostgresStore } from './open-postgres-store.ts'
export type { HostTable } from './people/host-table.ts'
export type {
  PostgresProfileStore,
  PostgresProfileStoreOptions,
} from './people/postgres-profile-store.ts'
export { postgresProfileStore } from './people/postgres-profile-store.ts'
export type {
  PostgresUserDirectory,
  PostgresUserDirectoryOptions,
} from './people/postgres-user-directory.ts'
export { postgresUserDirectory } from './people/postgres-user-directory.ts'
export type { ProfileTable } from './people/profile-table.ts'
export { userIndexes } from './people/user-indexes.ts'
export type { UserTable } from './people/user-table.ts'
export type { PgPool } from './pg-pool.ts'
export { postgresStore } from './postgres-store.ts'
export { buildSearchIndex, dropSearchIndex } from './search-index.ts'
export type { PostgresStoreOptions, StoreOptions } from './store-options.ts'
