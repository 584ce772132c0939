import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SlapdBinary } from './find-slapd.ts'
import { makeCertificates } from './test-certificates.ts'

export interface SlapdOptions {
  /** Lines of slapd.conf before the database: more schema, limits for all. */
  readonly global?: readonly string[] | undefined
  /** Lines within the database: indexes, limits, access rules. */
  readonly database?: readonly string[] | undefined
  /** @default true */
  readonly tls?: boolean | undefined
  /** Entries that are there from the start, with their own time stamps and ids if they say so. */
  readonly ldif?: string | undefined
}

/** An OpenLDAP server of a test's own, with an empty database below `suffix`. */
export interface Slapd {
  readonly url: string
  readonly tlsUrl: string
  /** PEM of the authority that signed its certificate. */
  readonly ca: string
  readonly suffix: string
  readonly rootDn: string
  readonly rootPassword: string
  /** Ends it as a power cut would. Its data stays. */
  kill(): Promise<void>
  /** Starts it again after a kill, on the same ports. */
  restart(): Promise<void>
  stop(): Promise<void>
}

const suffix = 'dc=example,dc=com'
const rootDn = `cn=admin,${suffix}`
const rootPassword = 'root-password-of-the-test'

/** Starts a server on free ports of loopback, as the user the tests run as. */
export async function startSlapd(binary: SlapdBinary, options: SlapdOptions = {}): Promise<Slapd> {
  const folder = mkdtempSync(join(tmpdir(), 'syncline-slapd-'))
  mkdirSync(join(folder, 'data'))
  const { authority, certificate, key } = makeCertificates(folder)
  const schema = (name: string): string => `include ${join(binary.root, 'etc/ldap/schema', `${name}.schema`)}`
  const lines = [
    ...['core', 'cosine', 'inetorgperson', 'nis'].map(schema),
    `modulepath ${join(binary.root, 'usr/lib/ldap')}`,
    'moduleload back_mdb',
    ...(options.tls === false
      ? []
      : [
          `TLSCACertificateFile ${authority}`,
          `TLSCertificateFile ${certificate}`,
          `TLSCertificateKeyFile ${key}`,
        ]),
    ...(options.global ?? []),
    'database mdb',
    `directory ${join(folder, 'data')}`,
    `suffix "${suffix}"`,
    `rootdn "${rootDn}"`,
    `rootpw ${rootPassword}`,
    'maxsize 268435456',
    // Tests end the server, never the machine.
    'dbnosync',
    'index objectClass,entryUUID,member,uid eq',
    ...(options.database ?? []),
  ]
  writeFileSync(join(folder, 'slapd.conf'), `${lines.join('\n')}\n`)
  if (options.ldif !== undefined) loadLdif(binary, folder, options.ldif)
  const ports = [await freePort(), await freePort()] as const
  const [url, tlsUrl] = [`ldap://127.0.0.1:${ports[0]}`, `ldaps://127.0.0.1:${ports[1]}`]
  const begin = (): Promise<ChildProcess> => spawnSlapd(binary, { folder, urls: `${url} ${tlsUrl}`, ports })
  let child = await begin()
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
  return {
    url,
    tlsUrl,
    ca: readFileSync(authority, 'utf8'),
    suffix,
    rootDn,
    rootPassword,
    kill: () => end('SIGKILL'),
    async restart() {
      child = await begin()
    },
    async stop() {
      await end('SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function loadLdif(binary: SlapdBinary, folder: string, ldif: string): void {
  const file = join(folder, 'start.ldif')
  writeFileSync(file, ldif)
  const args = ['-T', 'add', '-q', '-f', join(folder, 'slapd.conf'), '-l', file]
  execFileSync(binary.file, args, { env: binary.environment, stdio: ['ignore', 'ignore', 'pipe'] })
}

interface SpawnRequest {
  readonly folder: string
  readonly urls: string
  readonly ports: readonly number[]
}

async function spawnSlapd(binary: SlapdBinary, { folder, urls, ports }: SpawnRequest): Promise<ChildProcess> {
  const args = ['-f', join(folder, 'slapd.conf'), '-h', urls, '-d', '0']
  const child = spawn(binary.file, args, { env: binary.environment, stdio: ['ignore', 'ignore', 'pipe'] })
  // A test process that dies must not leave its servers behind.
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const end = Date.now() + 20_000
  for (const port of ports) {
    while (!(await listens(port))) {
      if (child.exitCode !== null) throw new Error(`slapd stopped at once: ${said}`)
      if (Date.now() > end) throw new Error(`slapd did not listen within 20 s: ${said}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  return child
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
    server.on('error', reject)
  })
