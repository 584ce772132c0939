/** Workspace packages are resolved to their TypeScript sources: no build before tests. */
export const resolve = { conditions: ['@syncline/source', 'module', 'node', 'development|production'] }

/** One vitest project: a package's own tests, or those of the whole. */
export const project = (name: string, root: string, include = ['test/**/*.test.ts']) => ({
  ssr: { resolve },
  test: { name, root, include, testTimeout: 120_000, hookTimeout: 120_000 },
})
