/**
 * A host: its own auth with JWTs, the API of Syncline with an OpenAPI page, an Authifi and a SCIM connector, webhooks
 * and a worker. `npm run example:fastify-app` starts it all on embedded defaults: PGlite, a queue and a cache of this
 * process, and upstreams that play Authifi and SCIM. With an environment it is a real one; see `src/settings.ts`.
 */

import { authifi } from '@syncline/connector-authifi'
import { scim } from '@syncline/connector-scim'
import { createSyncline } from '@syncline/core'
import { connectUpstreams } from './src/connect-upstreams.ts'
import { createApp } from './src/create-app.ts'
import { createHostAuth } from './src/host-auth.ts'
import { openInfrastructure } from './src/infrastructure.ts'
import { readSettings } from './src/settings.ts'
import { findUpstreams } from './src/upstreams/find-upstreams.ts'

const settings = readSettings(process.env)
const infrastructure = await openInfrastructure(settings)
const upstreams = await findUpstreams(settings)
const syncline = createSyncline({
  ...infrastructure.parts,
  connectorTypes: [authifi, scim],
  allowedNetworks: upstreams.networks,
  onEvent: (event) => {
    if (event.kind === 'sync.failing')
      console.error('somebody should look at', event.connectorId, event.error)
  },
})
const webhookSecret = await connectUpstreams(syncline, upstreams, settings)
const auth = createHostAuth(settings.jwtSecret)
const app = await createApp({ syncline, auth, redis: infrastructure.redis })
await syncline.start()
const url = await app.listen({ host: settings.host, port: settings.port })

const [acme, globex] = await Promise.all([auth.issue('olga', 'acme'), auth.issue('omar', 'globex')])
console.log(`Syncline on ${url}: ${infrastructure.description}
The API, to read and try: ${url}/docs
Token of an operator of tenant acme: ${acme}
Token of an operator of tenant globex: ${globex}
Webhook secret of globex-scim: ${webhookSecret}
Try:
  curl -X POST -H 'Authorization: Bearer ${acme}' ${url}/api/connectors/acme-authifi/sync-config/user/trigger
  curl -H 'Authorization: Bearer ${acme}' '${url}/api/connectors/acme-authifi/resources?type=user&search=ada'
  curl -H 'Authorization: Bearer ${globex}' ${url}/api/connectors/acme-authifi/resources  # not theirs: 404
Ctrl-C drains and ends.`)

/** New requests are refused, those under way answered, runs end where another process can go on. */
async function drain(): Promise<void> {
  await app.close()
  await syncline.stop()
  await infrastructure.close()
  await upstreams.close()
  console.log('Drained')
}

// A second Ctrl-C ends it the hard way.
process.once('SIGINT', () => void drain())
process.once('SIGTERM', () => void drain())
