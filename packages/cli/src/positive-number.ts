import { InvalidArgumentError } from 'commander'

/** Reads a flag that counts something. */
export function positiveNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a positive whole number.')
  return Number(text)
}
