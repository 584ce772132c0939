import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { openPostgresStore, postgresStore } from '@syncline/adapter-postgres'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5)
  head.write(type, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** A server that lets a client in and ends the connection in the same packet, as one that is shutting down may. */
const greetingAndEnd = Buffer.concat([
  message('R', Buffer.alloc(4)),
  message('Z', Buffer.from('I')),
  message('E', Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0')),
])

describe('a connection that ends in the packet that opens it', () => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(greetingAndEnd))
  })
  let connectionString = ''
  let uncaught: unknown[] = []
  const note = (error: unknown): void => void uncaught.push(error)

  beforeEach(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    connectionString = `postgres://u@127.0.0.1:${(server.address() as AddressInfo).port}/d`
    uncaught = []
    process.on('uncaughtExceptionMonitor', note)
  })
  afterEach(async () => {
    process.off('uncaughtExceptionMonitor', note)
    await new Promise((resolve) => {
      server.close(resolve)
    })
  })

  test('fails the call and nothing else, on a pool of the host', async () => {
    const pool = new pg.Pool({ connectionString })
    const store = postgresStore({ pool })
    for (let times = 0; times < 5; times += 1) {
      await expect(store.connectors.list({})).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    }
    await store.close()
    await pool.end()
    expect(uncaught).toEqual([])
  })

  test('fails the opening and nothing else, on a pool of the store', async () => {
    for (let times = 0; times < 5; times += 1) {
      await expect(openPostgresStore({ connectionString })).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
      })
    }
    expect(uncaught).toEqual([])
  })
})
