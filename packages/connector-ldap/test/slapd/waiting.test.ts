import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findSlapd } from '../../../../test-support/ldap/find-slapd.ts'
import { type Slapd, startSlapd } from '../../../../test-support/ldap/start-slapd.ts'
import { companyLdif } from './company-ldif.ts'

const run = promisify(execFile)
const binary = await findSlapd()
const child = join(import.meta.dirname, 'waiting.child.ts')

describe.skipIf(binary === undefined)('a connection that waits for work', () => {
  let slapd: Slapd

  beforeAll(async () => {
    if (binary !== undefined) slapd = await startSlapd(binary, { ldif: companyLdif(10, 2) })
  })
  afterAll(() => slapd?.stop())

  it.each(['url', 'tlsUrl'] as const)('does not keep the process alive (%s)', async (url) => {
    const args = ['--conditions=@syncline/source', child, slapd[url]]
    const { stdout } = await run(process.execPath, args, { timeout: 30_000 })
    expect(stdout).toBe('waiting\n')
  })
})
