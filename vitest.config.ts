import { defineConfig } from 'vitest/config'
import { onBullmq5, project, resolve } from './vitest.projects.ts'

export default defineConfig({
  // Only this environment loads the global set-up of the root.
  environments: { __vitest__: { resolve } },
  test: {
    globalSetup: ['test-support/global-setup.ts'],
    // Most tests wait for processes and servers now and then.
    maxWorkers: 2,
    projects: [
      project('core', 'packages/core'),
      project('testing', 'packages/testing'),
      project('adapter-postgres', 'packages/adapter-postgres'),
      project('adapter-bullmq', 'packages/adapter-bullmq'),
      onBullmq5(project('adapter-bullmq-5', 'packages/adapter-bullmq', ['test/redis-queue.test.ts'])),
      project('adapter-redis', 'packages/adapter-redis'),
      project('credentials-file', 'packages/credentials-file'),
      project('cli', 'packages/cli'),
      project('connector-http', 'packages/connector-http'),
      project('connector-authifi', 'packages/connector-authifi'),
      project('connector-ldap', 'packages/connector-ldap'),
      project('connector-scim', 'packages/connector-scim'),
      project('http', 'packages/http'),
      project('http-fastify', 'packages/http-fastify'),
      project('client', 'packages/client'),
      project('benchmarks', 'benchmarks'),
      project('whole', '.', ['test/**/*.test.ts', 'examples/**/*.test.ts']),
    ],
  },
})
