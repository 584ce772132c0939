import { systemClock } from '@syncline/core'
import { takeFileLock } from '@syncline/core/locking'

const [file = ''] = process.argv.slice(2)
await takeFileLock({ file, clock: systemClock, waitMs: 0, heartbeat: false })
process.kill(process.pid, 'SIGKILL')
