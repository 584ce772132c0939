import type { ListAnswer } from '@syncline/core'
import { z } from 'zod'
import { graphConnector } from '../graph-connector.ts'
import { linkConnector } from '../link-connector.ts'
import { graph, link, type PlantedConnectorBug } from './planted-connector-bug.ts'

const nothing: ListAnswer = { success: true, payload: { resources: [] } }

export const configurationBugs = {
  'has a check that asks nothing': link(
    ['check asks upstream', 'check throws when upstream is in trouble', 'check throws when upstream refuses'],
    () => ({
      ...linkConnector(),
      async check() {},
    }),
  ),
  'accepts any config': link(['that is no object is refused', 'is refused with a message'], () => ({
    ...linkConnector(),
    configSchema: z.unknown().transform(() => ({ baseUrl: 'http://127.0.0.1:1' })),
  })),
  'is not as incremental as its contract': link(['say the same about incremental'], () => {
    const type = linkConnector()
    const [user] = Object.values(type.resourceTypes)
    return {
      ...type,
      resourceTypes: {
        user: { list: (...given) => Promise.resolve(user?.list(...given) ?? nothing), incremental: false },
      },
    }
  }),
  'lists more types than its contract': link(['covers every resource type'], () => {
    const type = linkConnector()
    return { ...type, resourceTypes: { ...type.resourceTypes, role: { list: async () => nothing } } }
  }),
  'refuses a good config': link(['is accepted and holds no secret'], () => ({
    ...linkConnector(),
    configSchema: z.never(),
  })),
  'has a check that its contract does not know': graph(['has no check'], () => ({
    ...graphConnector(),
    async check() {},
  })),
} satisfies Record<string, PlantedConnectorBug>
