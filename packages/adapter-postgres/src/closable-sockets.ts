import { Socket } from 'node:net'
import type { Clock } from '@syncline/core'

/** Sockets that can be closed whatever the other end does: a server that hangs never ends a connection. */
export interface ClosableSockets {
  /** A new socket, not connected yet. */
  readonly open: () => Socket
  /** Resolves when `ending` has and all sockets are closed; those left after so many milliseconds are destroyed. */
  closeAfter(ms: number, ending: Promise<void>): Promise<void>
}

export function closableSockets(clock: Clock): ClosableSockets {
  const left = new Set<Socket>()
  return {
    open() {
      const socket = new Socket()
      left.add(socket)
      socket.once('close', () => left.delete(socket))
      return socket
    },
    async closeAfter(ms, ending) {
      const disarm = clock.after(ms, () => {
        for (const socket of left) socket.destroy()
      })
      try {
        await ending
        await Promise.all([...left].map(closed))
      } finally {
        disarm()
      }
    },
  }
}

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve())
  })
