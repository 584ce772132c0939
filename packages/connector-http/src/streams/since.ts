import { type ParameterPlace, withParameter } from '../requests/with-parameter.ts'
import type { DeclaredStream } from './stream.ts'

/** How an instant is written. */
export type InstantFormat = 'iso' | 'epoch_seconds' | 'epoch_ms' | ((instant: Date) => string)

/**
 * Writes "changed since" into a parameter. It must mean "at or after": where upstream compares strictly, write an
 * earlier instant.
 * @param options `format` @default 'iso', `2026-01-31T12:00:00.000Z`; `place` @default 'query'
 */
export function since(
  name: string,
  options: { readonly format?: InstantFormat | undefined; readonly place?: ParameterPlace | undefined } = {},
): NonNullable<DeclaredStream<unknown>['incremental']> {
  const { format = 'iso', place } = options
  return (request, modifiedSince) =>
    withParameter(request, { name, value: write(new Date(modifiedSince), format), place })
}

function write(instant: Date, format: InstantFormat): string | number {
  if (typeof format === 'function') return format(instant)
  if (format === 'epoch_ms') return instant.getTime()
  return format === 'epoch_seconds' ? Math.floor(instant.getTime() / 1000) : instant.toISOString()
}
