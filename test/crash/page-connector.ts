import { defineConnector, type ListPage } from '@syncline/core'
import { z } from 'zod'

/** Lists what a page server serves. */
export const pageConnector = defineConnector({
  type: 'pages',
  displayName: 'Page server',
  configSchema: z.object({ url: z.string() }),
  resourceTypes: {
    user: {
      async list({ cursor, signal }, { config }) {
        const url = new URL(config.url)
        if (cursor !== undefined) url.searchParams.set('cursor', cursor)
        const response = await fetch(url, { signal })
        return { success: true, payload: (await response.json()) as ListPage }
      },
    },
  },
})
