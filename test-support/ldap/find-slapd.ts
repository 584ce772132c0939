import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { unpackedLibraries, unpackedPackages } from '../../scripts/debian-packages.mjs'

/** An OpenLDAP server that can be started without being installed. */
export interface SlapdBinary {
  readonly file: string
  /** With schemas at `etc/ldap/schema` and modules at `usr/lib/ldap`: `/` when it is installed. */
  readonly root: string
  readonly environment: NodeJS.ProcessEnv
}

/**
 * The machine's own slapd, or Debian's packages unpacked into `.cache`, fetched once. Undefined, with the reason
 * printed, where neither is possible: tests that need it are skipped, or fail where services are required.
 */
export async function findSlapd(): Promise<SlapdBinary | undefined> {
  try {
    return installed() ?? (await unpacked())
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

async function unpacked(): Promise<SlapdBinary> {
  const root = await unpackedPackages('slapd', ['slapd'])
  const environment = { ...process.env, LD_LIBRARY_PATH: unpackedLibraries(root) }
  return { file: join(root, 'usr/sbin/slapd'), root, environment }
}
