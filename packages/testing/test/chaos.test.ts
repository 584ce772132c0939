import { memoryStore } from '@syncline/core/memory'
import { describe, expect, test } from 'vitest'
import { ChaosCut, chaosPort, chaosStore } from '../src/chaos.ts'
import { connectorInput } from '../src/conformance/builders.ts'
import { fakeClock } from '../src/fake-clock.ts'

const raw = () => memoryStore({ clock: fakeClock() })

describe('chaosStore', () => {
  test('fails the call that was meant, once, before it is carried out', async () => {
    const store = raw()
    const chaos = chaosStore(store, { method: 'connectors.save', call: 2, when: 'before', kind: 'fail' })
    await chaos.store.connectors.save(connectorInput('a'))
    expect(chaos.fired).toBe(false)
    await expect(chaos.store.connectors.save(connectorInput('b'))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
    expect(chaos.fired).toBe(true)
    await chaos.store.connectors.save(connectorInput('c'))
    const kept = await store.connectors.list({})
    expect(kept.map(({ connectorId }) => connectorId)).toEqual(['a', 'c'])
  })

  test('after: the call is carried out and its answer lost', async () => {
    const store = raw()
    const error = new Error('socket closed')
    const chaos = chaosStore(store, {
      method: 'connectors.save',
      call: 1,
      when: 'after',
      kind: 'fail',
      error,
    })
    await expect(chaos.store.connectors.save(connectorInput('a'))).rejects.toBe(error)
    expect(await store.connectors.get('a')).toBeDefined()
  })

  test('a cut fails its call and every later one of the store, whatever the method', async () => {
    const store = raw()
    const chaos = chaosStore(store, { method: 'connectors.save', call: 1, when: 'after', kind: 'cut' })
    await expect(chaos.store.connectors.save(connectorInput('a'))).rejects.toBeInstanceOf(ChaosCut)
    await expect(chaos.store.connectors.save(connectorInput('b'))).rejects.toBeInstanceOf(ChaosCut)
    await expect(chaos.store.runs.get('x')).rejects.toBeInstanceOf(ChaosCut)
    const kept = await store.connectors.list({})
    expect(kept.map(({ connectorId }) => connectorId)).toEqual(['a'])
  })

  test('a call that was under way when the process died is not answered', async () => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const port = { slow: () => promise, quick: async () => 'quick' }
    const chaos = chaosPort(port, { method: 'quick', call: 1, when: 'before', kind: 'cut' })
    const slow = chaos.port.slow()
    await expect(chaos.port.quick()).rejects.toBeInstanceOf(ChaosCut)
    resolve('late')
    await expect(slow).rejects.toBeInstanceOf(ChaosCut)
  })

  test('without a method every call counts', async () => {
    const chaos = chaosStore(raw(), { call: 2, when: 'before', kind: 'fail' })
    await chaos.store.runs.get('x')
    await expect(chaos.store.configs.list({})).rejects.toThrow('Chaos')
    await chaos.store.runs.get('x')
  })

  test('the trace names every call in order, the failing ones too', async () => {
    const chaos = chaosStore(raw(), { method: 'runs.get', call: 2, when: 'before', kind: 'cut' })
    await chaos.store.connectors.list({})
    await chaos.store.runs.get('x')
    await expect(chaos.store.runs.get('x')).rejects.toThrow('died')
    await expect(chaos.store.quarantine.count({ connectorId: 'a', resourceType: 'user' })).rejects.toThrow(
      'dead',
    )
    expect(chaos.trace).toEqual(['connectors.list', 'runs.get', 'runs.get', 'quarantine.count'])
  })

  test('a plan that never comes true says so', async () => {
    const chaos = chaosStore(raw(), { method: 'runs.begin', call: 1, when: 'before', kind: 'fail' })
    await chaos.store.connectors.list({})
    expect(chaos.fired).toBe(false)
  })
})
