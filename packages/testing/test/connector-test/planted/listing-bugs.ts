import { SyncError } from '@syncline/core'
import { z } from 'zod'
import { linkConnector } from '../link-connector.ts'
import { offsetConnector } from '../offset-connector.ts'
import {
  link,
  mapRecords,
  offset,
  type PlantedConnectorBug,
  withList,
  withPage,
} from './planted-connector-bug.ts'

export const listingBugs = {
  'drops the last page': link(['lists every page', 'whatever the page size'], () =>
    withPage(linkConnector(), (page, { cursor }) =>
      page.nextCursor === undefined && cursor !== undefined ? { resources: [] } : page,
    ),
  ),
  'ignores the cursor': offset(['lists every page', 'whatever the page size'], () =>
    withList(
      offsetConnector(),
      (list) => (request, context) => list({ ...request, cursor: undefined }, context),
    ),
  ),
  'takes an empty page for the end': link(['goes on after an empty page'], () =>
    withPage(linkConnector(), (page) => (page.resources.length === 0 ? { resources: [] } : page)),
  ),
  'takes a short page for the end': link(['fewer records on a page', 'more records than upstream'], () =>
    withPage(linkConnector(), (page, { pageSize }) =>
      page.resources.length < pageSize ? { resources: page.resources } : page,
    ),
  ),
  'moves on by the page size it asked for': offset(['fewer records on a page'], () =>
    withPage(offsetConnector(), (page, { cursor, pageSize }) => ({
      ...page,
      nextCursor: page.nextCursor && String(Number(cursor ?? 0) + pageSize),
    })),
  ),
  'asks for a page size of its own': link(['asks for that size'], () =>
    withList(linkConnector(), (list) => (request, context) => list({ ...request, pageSize: 4 }, context)),
  ),
  'asks for more than the contract allows': link(['lists every page', 'whatever the page size'], () =>
    linkConnector((request) => {
      const url = new URL(request.url)
      url.searchParams.set('expand', 'all')
      return { ...request, url }
    }),
  ),
  'decodes the token once too often': link(['lists every page'], () =>
    withPage(linkConnector(), (page) => ({
      ...page,
      nextCursor: page.nextCursor && decodeURIComponent(page.nextCursor),
    })),
  ),
  'fails on an empty listing': offset(['an empty listing'], () =>
    withPage(offsetConnector(), (page) => {
      if (page.resources.length === 0) throw new SyncError('CONNECTOR_ANSWER_INVALID', 'no members')
      return page
    }),
  ),
  'normalises names': link(['byte for byte'], () =>
    mapRecords(linkConnector(), (record) => ({
      ...record,
      displayName: record.displayName.normalize('NFC'),
    })),
  ),
  'trims and lowers ids': link(['byte for byte'], () =>
    mapRecords(linkConnector(), (record) => ({ ...record, externalId: record.externalId.toLowerCase() })),
  ),
  'writes "null" for a missing address': offset(['byte for byte'], () =>
    mapRecords(offsetConnector(), (record) => ({ ...record, email: String(record.email) })),
  ),
  'rounds ids': offset(['never rounded'], () => offsetConnector({ id: z.number() })),
} satisfies Record<string, PlantedConnectorBug>
