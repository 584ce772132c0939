import { initial } from './0001-initial.ts'
import { credentials } from './0004-credentials.ts'
import type { Migration } from './migration.ts'

/** Every step, in order. */
export const migrations: readonly Migration[] = [initial, credentials]
