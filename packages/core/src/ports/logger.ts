type Log = (fields: object, message: string) => void

/** Where the library logs; pino's shape. Nothing is logged until the host gives one. */
export interface Logger {
  readonly debug: Log
  readonly info: Log
  readonly warn: Log
  readonly error: Log
}
