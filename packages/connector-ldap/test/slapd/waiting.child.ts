// Lists the first of many pages and has nothing else to do: the connection that waits for the second is open.
import { listWith } from '../list-with.ts'

const [, , url] = process.argv
const page = await listWith({ url, verifyCertificate: false, anonymous: true, idleMs: 600_000 }).page()
console.log(page.nextCursor === undefined ? 'no second page' : 'waiting')
