import { z } from 'zod'

/** As `connectors.save` takes them. */
export const connectorId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be the id of a connector')
  .meta({ description: 'Id of a connector.', example: 'acme' })

export const resourceType = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'must be a resource type: a-z, then a-z 0-9 _ -, at most 64')
  .meta({ description: 'A resource type of the connector.', example: 'user' })

/** 1 to 255 code points, byte for byte as upstream has it. */
export const externalId = z
  .string()
  .refine((id) => id.trim() !== '' && Array.from(id).length <= 255, 'must have 1 to 255 characters')
  .meta({ description: 'Id of a resource, as upstream has it.', minLength: 1, maxLength: 255 })
