// the connector

// authenticators
export type { AuthCall, AuthenticatedRequest, Authenticator, TokenRequest } from './auth/authenticator.ts'
export type { LoginSessionOptions } from './auth/login-session.ts'
export { loginSession } from './auth/login-session.ts'
export { oauthClientCredentials, oauthRefreshToken } from './auth/oauth.ts'
export type { OAuthOptions } from './auth/oauth-token.ts'
export type { RenewableDefinition } from './auth/renewable.ts'
export { renewable } from './auth/renewable.ts'
export type { Secret } from './auth/secret.ts'
export { signedRequest } from './auth/signed-request.ts'
export { apiKey, basic, bearer } from './auth/static-authenticators.ts'
// circuit breaker
export type { CircuitBreakerOptions, CircuitState } from './breaker/circuit-breaker.ts'
export type { HttpConnector, HttpConnectorDefinition } from './http-connector.ts'
export { httpConnector } from './http-connector.ts'
// rate limits
export type { RatePolicy } from './limits/rate-policy.ts'
// paginators
export type { EndOptions } from './pagination/counted-pages.ts'
export { offset, pageNumber } from './pagination/counted-pages.ts'
export type { ExportJobOptions, ExportStatus } from './pagination/export-job.ts'
export { exportJob } from './pagination/export-job.ts'
export { bodyLink, linkHeader } from './pagination/next-link.ts'
export type { PageTurn, Paginator, ReceivedPage, TurnedPage } from './pagination/paginator.ts'
export { paginate, singlePage } from './pagination/paginator.ts'
export { rangeHeader } from './pagination/range-header.ts'
export { bodyToken, graphqlPageInfo, headerToken } from './pagination/tokens.ts'
export { mapInTurns } from './records/map-in-turns.ts'
// records
export type { Field, RecordDraft, RecordFields, RecordMapping } from './records/map-record.ts'
export { idText, mapRecord } from './records/map-record.ts'
export type { PageBound } from './records/page-bound.ts'
export { checkPageRecords } from './records/page-bound.ts'
export type { Path } from './records/read-path.ts'
export { readPath } from './records/read-path.ts'
export type { RecordSelector } from './records/select-records.ts'
export { selectRecords } from './records/select-records.ts'
// error handling
export { defaultErrorRules } from './replies/default-rules.ts'
export type { ErrorRule, FailureType, ReplyAction } from './replies/error-rule.ts'
export { resetWaitMs, throttleWaitMs } from './replies/throttle-wait.ts'
// requests
export type { Send } from './requests/http-client.ts'
export type { HttpRequest, QueryValue, WireRequest } from './requests/http-request.ts'
export type { HttpResponse } from './requests/http-response.ts'
export { canBeInPath, path } from './requests/path.ts'
export type { ParameterPlace } from './requests/with-parameter.ts'
export { withParameter } from './requests/with-parameter.ts'
export type { Setting } from './setting.ts'
// streams
export type { PartList } from './streams/read-all.ts'
export { readAll } from './streams/read-all.ts'
export type { InstantFormat } from './streams/since.ts'
export { since } from './streams/since.ts'
export type { DeclaredStream, FunctionStream, HttpCall, Stream, StreamCall } from './streams/stream.ts'
// transport
export type { Lookup } from './transport/guarded-agent.ts'
// webhooks
export type { SignedBodyScheme } from './webhooks/signed-body.ts'
export { signedBody } from './webhooks/signed-body.ts'
