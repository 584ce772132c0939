import type { Migration } from './migration.ts'

/**
 * Adds to each webhook mark whether the stored state may be newer than the mark. Earlier releases did not record it, so
 * every mark that they left counts as a lower bound: the next event of its resource asks upstream.
 */
export const lowerBounds: Migration = {
  version: 14,
  name: 'lower bounds of webhook marks',
  statements: (named) => [
    `alter table ${named('webhook_mark')} add lower_bound boolean not null default true`,
    `alter table ${named('webhook_mark')} alter lower_bound set default false`,
  ],
}
