import type { StoreContext } from '../context.ts'

/** What every part of the people store works with. */
export type PeopleContext = Pick<StoreContext, 'database' | 'tables' | 'createId' | 'sizes'>
