import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** An OpenLDAP server that can be started without being installed. */
export interface SlapdBinary {
  readonly file: string
  /** With schemas at `etc/ldap/schema` and modules at `usr/lib/ldap`: `/` when it is installed. */
  readonly root: string
  readonly environment: NodeJS.ProcessEnv
}

const cache = join(import.meta.dirname, '../../.cache/slapd')

/**
 * The machine's own slapd, or Debian's packages unpacked into `.cache`, fetched once. Undefined, with the reason
 * printed, where neither is possible: tests that need it are skipped, or fail where services are required.
 */
export async function findSlapd(): Promise<SlapdBinary | undefined> {
  try {
    return installed() ?? unpacked() ?? (await fetchPackages())
  } catch (error) {
    if (process.env.SYNCLINE_REQUIRE_SERVICES === '1') throw error
    console.warn(`Tests that need an OpenLDAP server are skipped: ${String(error)}`)
    return undefined
  }
}

function installed(): SlapdBinary | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  const file = folders.map((folder) => join(folder, 'slapd')).find(existsSync)
  return file !== undefined && existsSync('/etc/ldap/schema')
    ? { file, root: '/', environment: process.env }
    : undefined
}

function unpacked(): SlapdBinary | undefined {
  const file = join(cache, 'usr/sbin/slapd')
  if (!existsSync(file)) return undefined
  const architectures: Record<string, string> = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }
  const libraries = join(cache, 'usr/lib', architectures[process.arch] ?? '')
  return { file, root: cache, environment: { ...process.env, LD_LIBRARY_PATH: libraries } }
}

async function fetchPackages(): Promise<SlapdBinary | undefined> {
  await mkdir(join(cache, '..'), { recursive: true })
  const folder = await mkdtemp(join(cache, '../slapd-'))
  try {
    const packages = ['slapd', ...(await librariesOf('slapd'))]
    await run('apt-get', ['download', ...packages], { cwd: folder, timeout: 60_000 })
    const files = (await readdir(folder)).filter((name) => name.endsWith('.deb'))
    const root = join(folder, 'root')
    for (const file of files) await run('dpkg', ['-x', join(folder, file), root])
    // Another test run may have been quicker; then its folder stays.
    await rename(root, cache).catch(() => undefined)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return unpacked()
}

/** Their names carry versions, which differ between releases. The C library is always there. */
async function librariesOf(name: string): Promise<readonly string[]> {
  const { stdout } = await run('apt-cache', ['depends', name])
  const libraries = [...stdout.matchAll(/^ {2}Depends: (lib\S+)$/gm)].map(([, library]) => library ?? '')
  if (libraries.length === 0) throw new Error(`apt-cache knows no package ${name}; run apt-get update`)
  return libraries.filter((library) => !/^libc(rypt)?\d/.test(library))
}
