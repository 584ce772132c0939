import { memoryStore } from '@syncline/core/memory'
import { fakeClock, recordingSink } from '@syncline/testing'
import { expect, test } from 'vitest'
import { createRedactor } from '../../src/credentials/redactor.ts'
import { planScopes } from '../../src/scheduling/plan-scopes.ts'
import { decideBegin } from '../../src/sync/begin-run.ts'
import type { EngineContext } from '../../src/sync/engine-context.ts'
import { limitsSchema } from '../../src/sync/limits.ts'
import { syncConfigDefaults } from '../../src/syncline/configs.ts'
import { silentLogger } from '../../src/syncline/options.ts'
import { users } from '../scenarios/stage.ts'

test('of many processes that plan a scope at once, one announces that it fails', async () => {
  const clock = fakeClock()
  const sink = recordingSink()
  const store = memoryStore({ clock })
  await store.connectors.save({ ...users, tenantId: 't', type: 'x', name: 'x', config: {}, status: 'active' })
  const config = { ...syncConfigDefaults, ...users, enabled: true, cronSchedule: '0 * * * *' }
  await store.configs.save({ config, resetWatermark: false })
  const engine: EngineContext = {
    store,
    clock,
    random: () => 0,
    createRunId: () => 'run',
    emit: sink.onEvent,
    logger: silentLogger,
    limits: limitsSchema.parse({}),
    nextTurn: async () => undefined,
    gaveUp: new AbortController().signal,
    redactor: createRedactor(),
  }
  await planScopes(engine)
  const scope = { ...users, tenantId: 't' }
  const begun = await store.runs.begin(scope, (state) =>
    decideBegin(state, {
      runId: 'failed',
      config: { ...config, revision: '1', createdAt: clock.now(), updatedAt: clock.now() },
      limits: engine.limits,
      rules: '',
      hashRecipe: '',
      restart: false,
    }),
  )
  if (begun.kind === 'refused') throw begun.error
  // Only a person can mend this.
  const error = { code: 'UNAUTHORIZED', message: 'who?' }
  const { fencingToken, checkpoint, timings } = begun.run
  await store.runs.finish({
    lease: { ...users, runId: 'failed', fencingToken, leaseMs: 1 },
    status: 'error',
    checkpoint,
    timings,
    durationMs: 0,
    resumable: false,
    complete: false,
    error,
    confirmsScope: false,
    forgetSeen: true,
  })
  await Promise.all(Array.from({ length: 5 }, () => planScopes(engine)))
  expect(sink.of('sync.failing')).toMatchObject([{ ...users, failures: 1, runId: 'failed', error }])
})
