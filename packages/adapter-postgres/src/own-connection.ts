import type { Session } from './database.ts'

/** A way to have a connection to oneself. */
export interface OwnConnection {
  /** Work on one connection, without a transaction: some statements refuse one. */
  alone<Answer>(work: (session: Session) => Promise<Answer>): Promise<Answer>
}
