import pg from 'pg'

const insufficientPrivilege = '42501'

/** Makes a checkpoint; false where the user may not. */
export async function checkpoint(client: pg.Client): Promise<boolean> {
  try {
    await client.query('checkpoint')
    return true
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === insufficientPrivilege) return false
    throw error
  }
}
