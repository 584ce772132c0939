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
      project('cli', 'packages/cli'),
      project('whole', '.', ['test/**/*.test.ts']),
    ],
  },
})
