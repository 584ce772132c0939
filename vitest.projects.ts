import { join } from 'node:path'

/** Workspace packages are resolved to their TypeScript sources: no build before tests. */
export const resolve = { conditions: ['@syncline/source', 'module', 'node', 'development|production'] }

// Many tests wait for real servers and processes, and a machine that stalls fails some of them. What was tried again is
// shown.
const retry = process.env.CI ? 2 : 0

// Halves the start of the processes that tests start.
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/node-compile') }

/** One vitest project: a package's own tests, or those of the whole. */
export const project = (name: string, root: string, include = ['test/**/*.test.ts']) => ({
  ssr: { resolve },
  test: { name, root, include, testTimeout: 120_000, hookTimeout: 120_000, retry, env },
})

/** The same tests over the oldest major of BullMQ that its adapter supports. */
export const onBullmq5 = <Project extends { readonly test: { readonly env: object } }>(tests: Project) => ({
  ...tests,
  resolve: { alias: { bullmq: 'bullmq5' } },
  test: { ...tests.test, env: { ...tests.test.env, BULLMQ: '5' } },
})
