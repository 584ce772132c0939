import { initial } from './0001-initial.ts'
import { ordinals } from './0002-ordinals.ts'
import { credentials } from './0003-credentials.ts'
import { reads } from './0004-reads.ts'
import type { Migration } from './migration.ts'

/** Every step, in order. */
export const migrations: readonly Migration[] = [initial, ordinals, credentials, reads]
