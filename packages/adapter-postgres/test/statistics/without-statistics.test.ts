import { testTouchedRows } from './without-statistics.ts'

testTouchedRows(3_000)
