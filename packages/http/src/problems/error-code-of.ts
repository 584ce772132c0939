import { type ErrorCode, errorCodes } from '@syncline/core'

/** A code that was kept with a run; one that this release does not know is somebody else's failure. */
export const errorCodeOf = (code: string): ErrorCode =>
  errorCodes.find((known) => known === code) ?? 'INTERNAL'
