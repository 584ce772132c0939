import { describe, expect, test } from 'vitest'
import { peopleHosts } from '../people/people-hosts.ts'
import { callsOf } from './calls.ts'
import { idOf, methodsOf, setTwoTenants, snapshotOf } from './two-tenants.ts'

/** The tenant that calls, and the one that must not notice. A tenant that is left out is `default`. */
const pairs = [
  ['north', 'south'],
  ['north', 'default'],
  ['default', 'south'],
] as const

const tracesOf = (tenant: string): readonly string[] => [
  idOf(tenant),
  `of ${tenant}`,
  `by ${tenant}`,
  `"tenantId":"${tenant}"`,
]

/** One pair on PGlite, which is slow, and the others on a server. */
const pairsOn = (host: string): readonly (readonly [string, string])[] =>
  host === 'memory' ? pairs : host === 'PGlite' ? pairs.slice(0, 1) : pairs.slice(1)

describe.each(peopleHosts())('on %s', (name, open, isAvailable) => {
  test.skipIf(!isAvailable).for(pairsOn(name))(
    'no method of %s shows or changes anything of %s',
    async ([own, other]) => {
      const host = await open()
      try {
        const stage = await setTwoTenants(host, [own, other])
        const calls = callsOf(stage, own, other)
        const methods = methodsOf(stage.syncline)
        expect(Object.keys(calls).toSorted(), 'a call for each method').toEqual(methods.toSorted())
        const before = await snapshotOf(stage, other)
        for (const trace of tracesOf(other)) expect(before).toContain(trace)
        for (const trace of tracesOf(own)) expect(before).not.toContain(trace)
        for (const status of ['active', 'unconfirmed', 'deactivated']) {
          expect(before).toContain(`"status":"${status}"`)
        }
        for (const [method, call] of Object.entries(calls)) {
          const shown = JSON.stringify(await call()) ?? ''
          for (const trace of tracesOf(other)) expect(shown, method).not.toContain(trace)
          expect(await snapshotOf(stage, other), method).toBe(before)
        }
      } finally {
        await host.close()
      }
    },
  )
})
