import { openEmbeddedStore } from '@syncline/adapter-postgres'
import { isSyncError } from '@syncline/core'

// Opens an embedded database, says what came of it, and dies or stays until its input ends.
const [dataDir = '', then = ''] = process.argv.slice(2)
try {
  const store = await openEmbeddedStore({ dataDir })
  if (then === 'die') process.kill(process.pid, 'SIGKILL')
  process.stdout.write('opened\n')
  process.stdin.on('end', () => void store.close())
  process.stdin.resume()
} catch (error) {
  process.stdout.write(isSyncError(error) ? `${error.code}\n` : `${String(error)}\n`)
}
