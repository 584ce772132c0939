import { setTimeout as wait } from 'node:timers/promises'
import { defineConnector, type ResourceTypeDefinition } from '@syncline/core'
import { z } from 'zod'

const configSchema = z.object({ takesMs: z.number() })

const slow: ResourceTypeDefinition<z.output<typeof configSchema>> = {
  async list({ signal }, { config }) {
    await wait(config.takesMs, undefined, { signal })
    return {
      success: true,
      payload: { resources: [{ externalId: '1', displayName: 'One', attributes: {} }] },
    }
  },
}

/** An upstream that takes its time over its only page. */
export const slowConnector = defineConnector({
  type: 'slow',
  displayName: 'Slow directory',
  configSchema,
  resourceTypes: { user: slow, group: slow },
})
