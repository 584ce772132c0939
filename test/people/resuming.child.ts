import type { HostName } from './host-kinds.ts'
import { openPeople } from './people-process.ts'

/** Starts as a host does, and goes on with whatever is left until it is told to stop. */
const [connectionString = '', host = 'own'] = process.argv.slice(2)

const people = openPeople(connectionString, { host: host as HostName })
process.on('message', () => void people.close().then(() => process.disconnect?.()))
await people.syncline.start()
