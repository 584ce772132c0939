import { testTouchedRows } from './without-statistics.ts'

testTouchedRows(100_000)
