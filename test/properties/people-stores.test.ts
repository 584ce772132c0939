import { describe } from 'vitest'
import { comparePeopleStores } from './people-stores.ts'

describe('the store never changes what comes of a post-sync', () => {
  comparePeopleStores({ onPglite: 1, onServer: 6 })
})
