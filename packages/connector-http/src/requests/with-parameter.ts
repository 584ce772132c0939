import type { HttpRequest, QueryValue } from './http-request.ts'

/** Where parameters are written. */
export type ParameterPlace = 'query' | 'json' | 'form'

/** The same request with a parameter in its query, at the top of its JSON body, or in its form. */
export function withParameter(
  request: HttpRequest,
  parameter: {
    readonly name: string
    readonly value: QueryValue
    readonly place?: ParameterPlace | undefined
  },
): HttpRequest {
  const { name, value, place = 'query' } = parameter
  if (place === 'query') return { ...request, query: { ...request.query, [name]: value } }
  if (place === 'form') return { ...request, form: { ...request.form, [name]: String(value ?? '') } }
  const json = typeof request.json === 'object' ? request.json : undefined
  return { ...request, json: { ...json, [name]: value } }
}
