import { createConnectorTest } from '@syncline/testing'
import { describe, test } from 'vitest'
import { github } from './github.ts'
import { githubContract } from './github-contract.ts'
import { okta } from './okta.ts'
import { oktaContract } from './okta-contract.ts'
import { slack } from './slack.ts'
import { slackContract } from './slack-contract.ts'

describe('Okta: links, SSWS, a reset instead of a wait', () => {
  createConnectorTest({ describe, test, createConnectorType: () => okta(), contract: oktaContract })
})

describe('GitHub: numbered pages in links, 403 as a throttle', () => {
  createConnectorTest({ describe, test, createConnectorType: () => github, contract: githubContract })
})

describe('Slack: forms, a cursor in the body, errors in a 200', () => {
  createConnectorTest({ describe, test, createConnectorType: () => slack(), contract: slackContract })
})
