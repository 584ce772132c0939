import { fileCredentialStore } from '@syncline/credentials-file'

const [path = '', child = ''] = process.argv.slice(2)
const store = fileCredentialStore({ path })
for (let index = 0; index < 20; index++) {
  await store.put({ tenantId: 'default', ref: `${child}-${index}` }, { values: { apiKey: 'key' } })
}
