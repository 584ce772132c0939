import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, createWriteStream, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from, to } from 'pg-copy-streams'

/** Copies between a table and a file, text format. */
export interface CopyClient {
  /** How it copies, for the reader of the results. */
  readonly name: string
  copyOut(request: { readonly url: string; readonly query: string; readonly file: string }): Promise<void>
  /** Connects; nothing is copied yet. */
  connect(url: string): Promise<CopyConnection>
}

export interface CopyConnection {
  /** Resolves with the number of rows. `table`: name and column list, quoted. */
  copyIn(table: string, file: string): Promise<number>
  /** File by file, each a transaction of its own. Resolves with the number of files. */
  copyEachIn(table: string, files: readonly string[]): Promise<number>
  close(): Promise<void>
}

/** `psql` where the machine has it, else COPY over one connection from Node. */
export const findCopyClient = (): CopyClient => (hasPsql() ? psqlClient : nodeClient)

export const hasPsql = (): boolean => spawnSync('psql', ['--version']).status === 0

export const psqlClient: CopyClient = {
  name: 'psql \\copy',
  async copyOut({ url, query, file }) {
    const psql = await connectPsql(url)
    await psql.command(`\\copy (${query}) to '${file}'`)
    await psql.close()
  },
  async connect(url) {
    const psql = await connectPsql(url)
    return {
      copyIn: async (table, file) => copiedRows(await psql.command(`\\copy ${table} from '${file}'`)),
      async copyEachIn(table, files) {
        const [first = ''] = files
        const script = `${first}.psql`
        const copies = files.map((file) => `\\copy ${table} from '${file}'`)
        writeFileSync(
          script,
          ['\\set QUIET on', ...copies, '\\set QUIET off', `\\echo ${files.length}`, ''].join('\n'),
        )
        return Number(await psql.command(`\\i ${script}`))
      },
      close: () => psql.close(),
    }
  },
}

/** A psql that is connected and takes one command at a time, so that its start is not measured. */
async function connectPsql(url: string) {
  const child = spawn('psql', [url, '--no-psqlrc', '--set', 'ON_ERROR_STOP=1'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })
  const command = async (text: string): Promise<string> => {
    const abandoned = new AbortController()
    const gone = once(child, 'exit', { signal: abandoned.signal }).then(() => {
      throw new Error(`psql ended at: ${text}`)
    })
    child.stdin.write(`${text}\n`)
    try {
      const [line] = await Promise.race([once(lines, 'line', { signal: abandoned.signal }), gone])
      return String(line)
    } finally {
      gone.catch(() => {})
      abandoned.abort()
    }
  }
  await command(String.raw`\echo connected`)
  return {
    command,
    async close() {
      child.stdin.end()
      await ended
    },
  }
}

function copiedRows(answer: string): number {
  const [, rows] = /^COPY (\d+)$/.exec(answer) ?? []
  if (rows === undefined) throw new Error(`psql answered: ${answer}`)
  return Number(rows)
}

export const nodeClient: CopyClient = {
  name: 'pg-copy-streams (no psql here)',
  async copyOut({ url, query, file }) {
    const client = await connectNode(url)
    await pipeline(client.query(to(`copy (${query}) to stdout`)), createWriteStream(file))
    await client.end()
  },
  async connect(url) {
    const client = await connectNode(url)
    const copyIn = async (table: string, file: string): Promise<number> => {
      const copy = client.query(from(`copy ${table} from stdin`))
      await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), copy)
      return copy.rowCount
    }
    return {
      copyIn,
      async copyEachIn(table, files) {
        for (const file of files) await copyIn(table, file)
        return files.length
      },
      close: () => client.end(),
    }
  },
}

async function connectNode(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
}
