import { readFileSync } from 'node:fs'
import type pg from 'pg'

/** Linux counts CPU time in these, on every architecture Node runs on. */
const ticksPerSecond = 100

/** Reads the CPU seconds that a PostgreSQL server has used in all; undefined where it cannot be seen. */
export type ReadCpu = () => number | undefined

/** Finds the server's processes in /proc: the parent of our own backend is the postmaster. */
export async function watchServerCpu(client: pg.Client): Promise<ReadCpu> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const backend = rows[0]?.pid ?? 0
  // A server elsewhere, or in a container, has process ids that mean nothing here.
  const command = readText(`/proc/${backend}/cmdline`)
  const postmaster = command?.startsWith('postgres:') ? processTimes(backend)?.parent : undefined
  if (postmaster === undefined) return () => undefined
  return () => {
    const own = processTimes(postmaster)
    const children = readText(`/proc/${postmaster}/task/${postmaster}/children`)
    if (own === undefined || children === undefined) return undefined
    let ticks = own.ticks + own.endedChildrenTicks
    for (const child of children.trim().split(' ')) ticks += processTimes(Number(child))?.ticks ?? 0
    return ticks / ticksPerSecond
  }
}

function processTimes(pid: number) {
  const stat = readText(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The name may hold spaces and brackets; what follows its last bracket is counted from field 3.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const [parent = 0, user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = [1, 11, 12, 13, 14].map(
    (place) => fields[place],
  )
  return { parent, ticks: user + system, endedChildrenTicks: childrenUser + childrenSystem }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
