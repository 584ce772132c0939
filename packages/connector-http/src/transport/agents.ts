import type { Agent } from 'undici'
import { guardedAgent, type Lookup } from './guarded-agent.ts'

/** Connection pools, one for each set of allowed networks: an open connection was checked against its own set. */
export interface Agents {
  /** @throws OPTIONS_INVALID */
  for(allowedNetworks: readonly string[]): Agent
}

/** Idle connections end by themselves after seconds and do not keep the process alive. */
export function createAgents(lookup?: Lookup): Agents {
  const agents = new Map<string, Agent>()
  return {
    for(allowedNetworks) {
      const key = allowedNetworks.toSorted().join(' ')
      const agent = agents.get(key) ?? guardedAgent({ allowedNetworks, lookup })
      agents.set(key, agent)
      return agent
    },
  }
}
