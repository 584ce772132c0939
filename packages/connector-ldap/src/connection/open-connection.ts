import { type Credential, isSyncError, SyncError } from '@syncline/core'
import { BindRequest, ExtendedRequest } from 'ldapts'
import type { LdapConfig } from '../config/config-schema.ts'
import { hasControlCharacter } from '../config/control-characters.ts'
import { addressPolicy } from './address-policy.ts'
import { LdapConnection } from './ldap-connection.ts'
import type { LdapContext } from './ldap-context.ts'
import { openSocket, openTlsSocket, type ServerAddress } from './open-socket.ts'
import { resultCodes, resultError } from './result-error.ts'

/** RFC 4511, section 4.14.1. */
const startTlsOid = '1.3.6.1.4.1.1466.20037'
/** The most that is read before the connection is encrypted: one result with a message for a person. */
const maxClearBytes = 16_384

/** Who logs in, and the proof. */
interface Login {
  readonly bindDn: string
  readonly password: string
}

/**
 * A connection that is encrypted as the config says and bound. A password that the server refuses is read again from
 * the store once, past the cache: it may have been changed.
 * @throws UNAUTHORIZED, CREDENTIAL_INVALID, CONNECTOR_CONFIG_INVALID, ADDRESS_DENIED, UPSTREAM_REJECTED when TLS fails
 * its checks
 */
export async function openConnection(context: LdapContext, signal?: AbortSignal): Promise<LdapConnection> {
  const { config, credential: access } = context
  const connect = (login?: Login): Promise<LdapConnection> => openBound(context, login, signal)
  if (config.anonymous) return connect()
  if (access === undefined) {
    throw new SyncError(
      'CONNECTOR_CONFIG_INVALID',
      'The LDAP connector needs a credentialRef whose credential holds the password, or anonymous: true in its config',
    )
  }
  const credential = await access.get()
  try {
    return await connect(loginOf(config, credential))
  } catch (error) {
    if (!isSyncError(error, 'UNAUTHORIZED')) throw error
    const newest = await access.reload()
    // The same again would only bring the account nearer to being locked.
    if (newest.version === credential.version) throw error
    return connect(loginOf(config, newest))
  }
}

/**
 * A bind without a password succeeds as nobody (RFC 4513, section 5.1.2): it must not pass for a login.
 * @throws CREDENTIAL_INVALID
 */
function loginOf(config: LdapConfig, { values }: Credential): Login {
  const { bindDn = config.bindDn, password } = values
  if (bindDn && password) {
    const wrong = Object.entries({ bindDn, password }).find(([, text]) => hasControlCharacter(text))
    if (wrong === undefined) return { bindDn, password }
    throw new SyncError(
      'CREDENTIAL_INVALID',
      `The ${wrong[0]} of an LDAP connector has a control character, such as a line break at its end; save it without`,
    )
  }
  throw new SyncError(
    'CREDENTIAL_INVALID',
    'The credential of an LDAP connector must hold a password, and bindDn unless the config has it; neither may be empty',
  )
}

async function openBound(
  context: LdapContext,
  login: Login | undefined,
  signal: AbortSignal | undefined,
): Promise<LdapConnection> {
  const connection = await openEncrypted(context, signal)
  try {
    if (login !== undefined) await bind(connection, login, signal)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

async function bind(
  connection: LdapConnection,
  login: Login,
  signal: AbortSignal | undefined,
): Promise<void> {
  const answer = await connection.request(
    (messageId) => new BindRequest({ messageId, dn: login.bindDn, password: login.password }),
    signal,
  )
  if (answer.status !== resultCodes.success) throw resultError('Binding', answer)
}

async function openEncrypted(context: LdapContext, signal: AbortSignal | undefined): Promise<LdapConnection> {
  const { config } = context
  const address = addressOf(context)
  if (address.protocol === 'ldaps:') {
    return new LdapConnection(await openTlsSocket(address, undefined, signal), config)
  }
  const socket = await openSocket(address, signal)
  if (!config.startTls) return new LdapConnection(socket, config)
  const maxAnswerBytes = Math.min(config.maxAnswerBytes, maxClearBytes)
  const plain = new LdapConnection(socket, { ...config, maxAnswerBytes, resultsOnly: true })
  try {
    await startTls(plain, signal)
    // A new connection on the encrypted socket: nothing that came before the handshake is ever read as its answer.
    return new LdapConnection(await openTlsSocket(address, plain.detach(), signal), config)
  } catch (error) {
    plain.close()
    throw error
  }
}

async function startTls(connection: LdapConnection, signal: AbortSignal | undefined): Promise<void> {
  const answer = await connection.request(
    (messageId) => new ExtendedRequest({ messageId, oid: startTlsOid }),
    signal,
  )
  if (answer.status === resultCodes.success) return
  if (answer.status === resultCodes.unavailable || answer.status === resultCodes.busy) {
    throw resultError('StartTLS', answer)
  }
  throw new SyncError(
    'UPSTREAM_REJECTED',
    `The LDAP server refused StartTLS (LDAP result ${answer.status}); no password was sent. Use ldaps://, or have TLS set up there`,
    { details: { resultCode: answer.status } },
  )
}

function addressOf(context: LdapContext): ServerAddress & { readonly protocol: string } {
  const { config } = context
  const { hostname, port, protocol } = new URL(config.url)
  const { ca, serverName, verifyCertificate, timeoutMs } = config
  return {
    protocol,
    // An IPv6 address stands in brackets in a URL, and without them everywhere else.
    host: decodeURIComponent(hostname).replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (protocol === 'ldaps:' ? 636 : 389) : Number(port),
    ca,
    serverName,
    verifyCertificate,
    timeoutMs,
    policy: addressPolicy(context),
  }
}
