// Debian's packages, unpacked into the project's .cache instead of being installed: nothing on the machine changes.
// Plain Node, no dependency.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const cache = join(import.meta.dirname, '../.cache')

export async function unpackedPackages(name, packages) {
  const folder = join(cache, name)
  if (existsSync(folder)) return folder
  await mkdir(cache, { recursive: true })
  const making = await mkdtemp(join(cache, `${name}-`))
  try {
    const libraries = await librariesOf(packages)
    await run('apt-get', ['download', ...packages, ...libraries], { cwd: making, timeout: 300_000 })
    const files = (await readdir(making)).filter((file) => file.endsWith('.deb'))
    const root = join(making, 'root')
    for (const file of files) await run('dpkg', ['-x', join(making, file), root])
    // Another run may have been quicker; then its folder stays.
    await rename(root, folder).catch(() => undefined)
  } finally {
    await rm(making, { recursive: true, force: true })
  }
  return folder
}

export const unpackedLibraries = (folder) => {
  const architecture = { x64: 'x86_64', arm64: 'aarch64' }[process.arch] ?? process.arch
  return ['usr/lib', 'lib'].map((place) => join(folder, place, `${architecture}-linux-gnu`)).join(':')
}

/** Their names carry versions, which differ between releases. The C library is always there. */
async function librariesOf(packages) {
  const found = await dependenciesOf(packages)
  if (found.length > 0) return found
  // A machine that was just made knows no package yet; only root can tell it.
  if (process.getuid?.() === 0) await run('apt-get', ['update'], { timeout: 300_000 })
  const again = await dependenciesOf(packages)
  if (again.length > 0) return again
  throw new Error(`apt-cache knows no package ${packages.join(', ')}; run apt-get update as root`)
}

async function dependenciesOf(packages) {
  const depends = ['depends', ...packages]
  const { stdout } = await run('apt-cache', depends).catch(() => ({ stdout: '' }))
  const libraries = [...stdout.matchAll(/^ {2}Depends: (lib\S+)$/gm)].map(([, library]) => library)
  return [...new Set(libraries)].filter((library) => !/^libc(rypt)?\d/.test(library))
}
