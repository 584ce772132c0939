/** An answer before it is sent. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: string | Buffer
}

export const jsonHeaders = { 'content-type': 'application/json; charset=utf-8' }
