export type { Admitted } from './admit.ts'
export type { HttpApiOptions } from './api-options.ts'
export { createHttpApi, everyHeader, type HttpApi, isReply } from './create-http-api.ts'
export type {
  AnyRoute,
  HttpMethod,
  ReplyShape,
  ReplyShapes,
  RouteDefinition,
  RouteInput,
  RouteReply,
  RouteRequest,
} from './define-route.ts'
export { defineRoute } from './define-route.ts'
export type { HttpBody, HttpRequest } from './http-request.ts'
export type { HeaderValues } from './input/headers.ts'
export type { OpenApiDocument, OpenApiOptions } from './openapi/open-api-document.ts'
export { openApiDocument } from './openapi/open-api-document.ts'
export type { Authorization, Authorize, GrantedPermission, Permission, Principal } from './principal.ts'
export { everyTenant, permissions, principalKey } from './principal.ts'
export { type HttpReply, type ProblemOptions, problem, problemOf } from './problems/problem.ts'
export { problemKinds } from './problems/problem-kinds.ts'
export { defaultMaxBodyBytes } from './read-input.ts'
export { type RouteName, routes } from './routes/index.ts'
