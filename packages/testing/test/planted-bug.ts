import type { Store } from '@syncline/core'

/** A mistake that an adapter may make, and the cases that must catch it. */
export interface PlantedBug {
  readonly caughtBy: readonly string[]
  readonly plant: (store: Store) => Store
}

type Resources = Store['resources']

/** The store with some methods of its resources replaced by broken ones. */
export const withResources = (store: Store, broken: (resources: Resources) => Partial<Resources>): Store => ({
  ...store,
  resources: { ...store.resources, ...broken(store.resources) },
})
