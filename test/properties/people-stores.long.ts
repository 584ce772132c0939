import { describe } from 'vitest'
import { comparePeopleStores } from './people-stores.ts'

describe('the store never changes what comes of a post-sync, in many worlds', () => {
  comparePeopleStores({ onPglite: 40, onServer: 300 })
})
