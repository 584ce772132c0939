import { configurationBugs } from './configuration-bugs.ts'
import { listingBugs } from './listing-bugs.ts'
import type { PlantedConnectorBug } from './planted-connector-bug.ts'
import { secretBugs } from './secret-bugs.ts'
import { incrementalBugs, stateBugs } from './state-bugs.ts'
import { troubleBugs } from './trouble-bugs.ts'

export const plantedConnectorBugs: Readonly<Record<string, PlantedConnectorBug>> = {
  ...listingBugs,
  ...stateBugs,
  ...incrementalBugs,
  ...troubleBugs,
  ...secretBugs,
  ...configurationBugs,
}
