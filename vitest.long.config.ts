import { defineConfig } from 'vitest/config'
import { onBullmq5, project, resolve } from './vitest.projects.ts'

/** Storms and soaks: too long for every `npm test`, run before an issue is called resolved. */
export default defineConfig({
  environments: { __vitest__: { resolve } },
  test: {
    globalSetup: ['test-support/global-setup.ts'],
    fileParallelism: false,
    projects: [
      project('long', '.', [
        'test/**/*.long.ts',
        'packages/*/test/**/*.long.ts',
        'benchmarks/test/*.long.ts',
      ]),
      onBullmq5(
        project('long-bullmq-5', 'packages/adapter-bullmq', [
          'test/redis-trouble.test.ts',
          'test/redis-refusing.test.ts',
        ]),
      ),
    ],
  },
})
