import type { z } from 'zod'
import type { AnyRoute } from '../define-route.ts'
import type { JsonSchema, SchemaCollection } from './json-schemas.ts'

/** Parameters of an operation: those of its path, query and headers. */
export function parametersOf(route: AnyRoute, schemas: SchemaCollection): readonly JsonSchema[] {
  const { params, query, headers, idempotency } = route
  return [
    ...membersOf('path', params, schemas),
    ...(query ? membersOf('query', query, schemas) : []),
    ...(headers ? membersOf('header', headers, schemas) : []),
    ...(idempotency ? [idempotencyKey] : []),
    ...(route.permission === 'signature' ? signature : []),
  ]
}

const idempotencyKey: JsonSchema = {
  name: 'idempotency-key',
  in: 'header',
  required: false,
  description: 'Chosen by the client: another attempt with the same key is the same request, for a day.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
}

/** Standard Webhooks; a connector type with its own scheme takes its own headers instead. */
const signature: readonly JsonSchema[] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(
  (name) => ({
    name,
    in: 'header',
    required: false,
    description: 'Of the Standard Webhooks scheme.',
    schema: { type: 'string' },
  }),
)

function membersOf(
  place: 'path' | 'query' | 'header',
  object: z.ZodObject<Readonly<Record<string, z.ZodType>>, z.core.$strict | z.core.$strip>,
  schemas: SchemaCollection,
): JsonSchema[] {
  return Object.entries(object.shape).map(([name, member]) => {
    const { description, ...schema } = schemas.of(member, 'request')
    return {
      name,
      in: place,
      required: place === 'path' || !member.safeParse(undefined).success,
      ...(description !== undefined && { description }),
      schema,
    }
  })
}
