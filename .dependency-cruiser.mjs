const adapters = '^packages/(adapter-|connector-|credentials-|http/|http-)'

export default {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-knows-no-other-package',
      comment: 'Core stands alone: zod, p-limit and croner only.',
      severity: 'error',
      from: { path: '^packages/core/src' },
      to: { path: '^packages/(?!core/)' },
    },
    {
      name: 'model-imports-nothing',
      severity: 'error',
      from: { path: '^packages/core/src/model/' },
      to: { path: '^packages/core/src/(?!model/)' },
    },
    {
      name: 'ports-import-model-only',
      severity: 'error',
      from: { path: '^packages/core/src/ports/' },
      to: { path: '^packages/core/src/(?!(model|ports)/|errors)' },
    },
    {
      name: 'pure-rooms-know-no-engine',
      severity: 'error',
      from: { path: '^packages/core/src/(records|filtering|hashing)/' },
      to: { path: '^packages/core/src/(sync|connecting|memory|create-syncline)' },
    },
    {
      name: 'only-the-composition-root-knows-the-engines',
      severity: 'error',
      from: { path: '^packages/core/src/(?!(create-syncline|index|syncline/|scheduling/|sync/))' },
      to: { path: '^packages/core/src/sync/' },
    },
    {
      name: 'nobody-imports-an-adapter-but-cli-and-examples',
      comment: 'The HTTP kit is what connectors are made of, the HTTP API what its plugins are.',
      severity: 'error',
      from: { path: '^packages/(?!cli/|connector-|http-)([^/]+)/src' },
      to: { path: adapters, pathNot: '^packages/$1/' },
    },
    {
      name: 'connectors-import-the-kit-only',
      severity: 'error',
      from: { path: '^packages/(connector-[^/]+)/src' },
      to: { path: adapters, pathNot: '^packages/($1|connector-http)/' },
    },
    {
      name: 'http-plugins-import-the-api-only',
      severity: 'error',
      from: { path: '^packages/(http-[^/]+)/src' },
      to: { path: adapters, pathNot: '^packages/($1|http)/' },
    },
    {
      name: 'the-http-api-knows-no-framework',
      severity: 'error',
      from: { path: '^packages/http/src' },
      to: { path: 'node_modules/(?!zod/)', pathNot: '@types/node' },
    },
    {
      name: 'the-client-stands-alone',
      comment: 'It runs in browsers: nothing of Node, of core or of anybody else, not even types.',
      severity: 'error',
      from: { path: '^packages/client/src' },
      to: { pathNot: '^packages/client/src' },
    },
    {
      name: 'source-knows-no-test',
      severity: 'error',
      from: { path: '^packages/[^/]+/src' },
      to: { path: '/test/|^test-support' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@syncline/source', 'import', 'node', 'default'],
    },
  },
}
