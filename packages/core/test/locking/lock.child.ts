import { appendFileSync } from 'node:fs'
import { systemClock } from '@syncline/core'
import { takeFileLock } from '@syncline/core/locking'

// Takes a lock again and again; what several hold at once shows in the log as two beginnings in a row.
const [file = '', log = '', rounds = '1', wait = '10000', killed = ''] = process.argv.slice(2)
for (let round = 0; round < Number(rounds); round += 1) {
  const lock = await takeFileLock({ file, clock: systemClock, waitMs: Number(wait), heartbeat: false })
  if ('heldBy' in lock) {
    appendFileSync(log, `refused ${process.pid}\n`)
    continue
  }
  appendFileSync(log, `begin ${process.pid}\n`)
  if (killed === 'keep') process.stdin.resume()
  else if (killed === 'die') process.kill(process.pid, 'SIGKILL')
  else {
    appendFileSync(log, `end ${process.pid}\n`)
    await lock.release()
  }
}
