import { element, entry, message, octets, pagedResults, result } from './ber.ts'

/** Where in a conversation a broken message comes. */
export const places = ['startTls', 'bind', 'entry', 'reference', 'done'] as const
export type Place = (typeof places)[number]

const person = {
  entryUUID: ['8a7c1e64-0001-4d0e-9d2a-000000000001'],
  cn: ['Ann Author', Buffer.from([0xff, 0xfe])],
  mail: ['ann@example.com'],
  description: [],
  jpegPhoto: [Buffer.alloc(200, 0x30)],
}

/** A well-formed message of each place, by the id of the request that it answers. */
export const wellFormed: Readonly<Record<Place, (id: number) => Buffer>> = {
  startTls: (id) => result(id, 0x78, element(0x8a, Buffer.from('1.3.6.1.4.1.1466.20037'))),
  bind: (id) =>
    result(id, 0x61, element(0xa3, octets('ldap://other.example/')), element(0x87, Buffer.from('salt'))),
  entry: (id) => entry(id, 'uid=ann,ou=people,dc=example,dc=com', person),
  reference: (id) =>
    message(id, element(0x73, octets('ldap://a.example/dc=a'), octets('ldap://b.example/dc=b'))),
  done: (id) => message(id, result(id, 0x65).subarray(5), pagedResults('cookie-1')),
}
