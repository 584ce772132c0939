import { defaultErrorRules, type ErrorRule } from '@syncline/connector-http'

/** What refusals mean here. A refusal that asks to wait stays a throttle. */
export const errorRules: readonly ErrorRule[] = [
  ...defaultErrorRules.filter(({ action }) => action === 'throttle'),
  {
    status: [400, 422],
    action: 'fail',
    message: 'it does not understand the request; see paging and filter of the config',
  },
  {
    status: 403,
    action: 'fail',
    message: 'the client may not do this; see its role in Authifi, and scopes of the config',
  },
  { status: 404, action: 'fail', message: 'there is no such tenant or path; see tenantId of the config' },
]
