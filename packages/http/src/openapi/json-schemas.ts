import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'

/** A JSON Schema (2020-12), as OpenAPI 3.1 takes it. */
export type JsonSchema = { readonly [member: string]: unknown }

/** Schemas by name, collected while a document is written. */
export interface SchemaCollection {
  /** The schema of a value in a request, before it is parsed, or in an answer. Named ones become components. */
  of(schema: z.ZodType, side: 'request' | 'answer'): JsonSchema
  readonly components: Readonly<Record<string, JsonSchema>>
}

/** The same for the members of an object: parameters. */
export function collectSchemas(): SchemaCollection {
  const components: Record<string, JsonSchema> = {}
  const keep = (name: string, schema: JsonSchema): void => {
    const kept = components[name]
    if (kept !== undefined && !isDeepStrictEqual(kept, schema)) {
      throw new TypeError(`Two schemas are called "${name}"`)
    }
    components[name] = schema
  }
  return {
    components,
    of(schema, side) {
      // Within an object, also a schema with a name is pointed at.
      const { properties, $defs } = z.toJSONSchema(z.object({ value: schema }), {
        io: side === 'request' ? 'input' : 'output',
        unrepresentable: 'any',
        override: ({ jsonSchema }) => tidy(jsonSchema),
      })
      for (const [name, definition] of Object.entries($defs ?? {})) keep(name, pointed(definition))
      return pointed(properties?.value)
    },
  }
}

/** What a description of a parsed value says beside the text it is parsed from. */
function tidy(schema: { type?: unknown; pattern?: unknown; enum?: unknown; id?: unknown }): void {
  delete schema.id
  if (schema.type === 'integer' || schema.type === 'boolean') {
    delete schema.pattern
    delete schema.enum
  }
}

const pointed = (schema: unknown): JsonSchema =>
  JSON.parse(JSON.stringify(schema ?? {}).replaceAll('"#/$defs/', '"#/components/schemas/'))
