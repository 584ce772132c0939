import { SyncError } from '@syncline/core'
import { AndFilter, type Filter, OrFilter, PresenceFilter } from 'ldapts'
import type { EntryMap } from '../config/directory-map.ts'
import { type Searcher, searchPage } from '../directory/search.ts'

/**
 * Tells "nothing changed" from "may not see when things changed": a filter on an attribute that the bind DN may not
 * read matches nothing, and every incremental listing would be empty for ever.
 * @throws CONNECTOR_CONFIG_INVALID when there are entries but none shows when it changed
 */
export async function requireReadableTimes(
  searcher: Searcher,
  request: { readonly entries: EntryMap; readonly times: readonly string[] },
): Promise<void> {
  const { baseDn, scope, filter } = request.entries
  const exists = async (wanted: Filter): Promise<boolean> => {
    const search = { baseDn, scope, filter: wanted, attributes: ['1.1'] }
    const page = await searchPage(searcher, search, { size: 1 })
    return page.entries.length > 0 || page.cookie !== undefined
  }
  const present = request.times.map((attribute) => new PresenceFilter({ attribute }))
  if (await exists(new AndFilter({ filters: [filter, new OrFilter({ filters: present })] }))) return
  if (!(await exists(filter))) return
  throw new SyncError(
    'CONNECTOR_CONFIG_INVALID',
    `No entry below ${JSON.stringify(baseDn)} shows ${request.times.join(' or ')}: let the bind DN read it, name others as changedAttributes, or sync in full mode`,
  )
}
