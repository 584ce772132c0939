import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** An authority of a test's own and a server's certificate signed by it, as files in PEM. */
export interface TestCertificates {
  readonly authority: string
  readonly certificate: string
  readonly key: string
}

const keyOptions = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']

/** Makes certificates for `localhost` and 127.0.0.1 in a folder. */
export function makeCertificates(folder: string): TestCertificates {
  const file = (name: string): string => join(folder, name)
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const authority = file('ca.pem')
  const key = file('server.key')
  const certificate = file('server.pem')
  const subject = ['-subj', '/CN=localhost']
  openssl('req', '-x509', ...keyOptions, '-subj', '/CN=Test CA', '-keyout', file('ca.key'), '-out', authority)
  openssl('req', ...keyOptions, ...subject, '-keyout', key, '-out', file('server.csr'))
  writeFileSync(file('names.cnf'), 'subjectAltName=DNS:localhost,IP:127.0.0.1')
  const signer = ['-CA', authority, '-CAkey', file('ca.key'), '-CAcreateserial']
  const names = ['-extfile', file('names.cnf')]
  openssl('x509', '-req', '-in', file('server.csr'), ...signer, ...names, '-days', '2', '-out', certificate)
  return { authority, certificate, key }
}
