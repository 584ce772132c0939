import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'

/** A Redis of a test's own, empty, that keeps what it is told across a kill. */
export interface RedisServer {
  readonly url: string
  readonly port: number
  /** Ends it as a power cut would. What it has acknowledged stays. */
  kill(): Promise<void>
  /** Starts it again after a kill, on the same port. */
  restart(): Promise<void>
  /** Stops it from answering, connections stay open. */
  hang(): void
  /** Lets it go on after `hang`. */
  goOn(): void
  /** Sends one command, such as `['flushall']`, and resolves with the first bytes of the answer. */
  command(words: readonly string[]): Promise<string>
  stop(): Promise<void>
}

/** The program to start; undefined where there is none, so that tests can be skipped. */
export const findRedis = (): string | undefined => inject('redisFile') ?? undefined

/** Starts one on a free port of loopback. @param settings more lines of redis.conf, such as `['maxmemory', '4mb']` */
export async function startRedis(
  file: string,
  settings: readonly (readonly [string, string])[] = [],
): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'syncline-redis-'))
  const port = await freePort()
  const fixed = { port: String(port), bind: '127.0.0.1', dir: folder, save: '', appendonly: 'yes' }
  const all = [...Object.entries(fixed), ...settings]
  const args = all.flatMap(([name, value]) => [`--${name}`, value])
  let child = await spawnRedis(file, args, port)
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGCONT')
    child.kill(signal)
    await gone
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill: () => end('SIGKILL'),
    async restart() {
      child = await spawnRedis(file, args, port)
    },
    hang: () => void child.kill('SIGSTOP'),
    goOn: () => void child.kill('SIGCONT'),
    command: (words) => ask(port, words),
    async stop() {
      await end('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function spawnRedis(file: string, args: readonly string[], port: number): Promise<ChildProcess> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  // A test process that dies must not leave its servers behind.
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const deadline = Date.now() + 20_000
  while ((await ask(port, ['ping']).catch(String)) !== '+PONG\r\n') {
    if (child.exitCode !== null) throw new Error(`redis-server stopped at once: ${said}`)
    if (Date.now() > deadline) throw new Error(`redis-server did not answer within 20 s: ${said}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return child
}

/** One command on a connection of its own, in the protocol of Redis. */
const ask = (port: number, words: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
      socket.write(`*${words.length}\r\n${parts.join('')}`)
    })
    socket.once('data', (chunk) => {
      socket.destroy()
      resolve(chunk.toString())
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed')))
  })

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      )
    })
    server.once('error', reject)
  })
