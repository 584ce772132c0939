import { defineConfig } from 'vitest/config'
import { project, resolve } from './vitest.projects.ts'

export default defineConfig({
  // Only this environment loads the global set-up of the root.
  environments: { __vitest__: { resolve } },
  test: {
    globalSetup: ['test-support/global-setup.ts'],
    projects: [
      project('core', 'packages/core'),
      project('testing', 'packages/testing'),
      project('adapter-postgres', 'packages/adapter-postgres'),
      project('credentials-file', 'packages/credentials-file'),
      project('cli', 'packages/cli'),
      project('connector-http', 'packages/connector-http'),
      project('connector-ldap', 'packages/connector-ldap'),
      project('benchmarks', 'benchmarks'),
      project('whole', '.', ['test/**/*.test.ts']),
    ],
  },
})
