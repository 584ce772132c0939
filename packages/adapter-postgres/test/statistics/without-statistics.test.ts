import { testTouchedRows } from './without-statistics.ts'

testTouchedRows(1_200)
