import { execFile } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { errorCodes } from '@syncline/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { codeBlocks } from './code-blocks.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const folder = join(root, '.cache/docs')
const guides = ['README.md', ...globSync('docs/guides/*.md', { cwd: root })]
/** Their code needs a service of the reader's own to run. */
const compiledOnly = [
  'packages/connector-authifi/README.md',
  'packages/connector-scim/README.md',
  'packages/client/README.md',
]
const documents = [...guides, ...compiledOnly].map((document) => ({
  document,
  place: join(folder, document.replaceAll(/\W/g, '-')),
  blocks: codeBlocks(join(root, document)),
}))
const runnable = documents.flatMap(({ document, place, blocks }) =>
  blocks.filter((block) => block.run).map((block) => ({ document, place, ...block })),
)

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true })
  for (const { place, blocks } of documents) {
    mkdirSync(place, { recursive: true })
    for (const { file, code } of blocks) writeFileSync(join(place, file), code)
  }
  const options = {
    noEmit: true,
    composite: false,
    emitDeclarationOnly: false,
    declaration: false,
    rootDir: root,
  }
  const tsconfig = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: options,
    include: ['**/*.ts'],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
})

describe('code in the documents', () => {
  test('compiles', async () => {
    const result = await run('tsc', ['-p', join(folder, 'tsconfig.json')]).catch((error: unknown) => error)
    expect(result).toMatchObject({ stdout: '' })
  })

  test.each(runnable)(
    '$document: $file runs and prints what stands below it',
    async ({ place, file, prints }) => {
      const { stdout } = await run(process.execPath, ['--conditions=@syncline/source', join(place, file)])
      if (prints !== undefined) expect(stdout).toBe(prints)
    },
  )

  test('every guide has code that runs', () => {
    expect(new Set(runnable.map(({ document }) => document)).size).toBe(guides.length)
  })
})

describe('docs/errors.md', () => {
  test('has exactly one heading per error code', () => {
    const headings = [...readFileSync(join(root, 'docs/errors.md'), 'utf8').matchAll(/^### (\w+)$/gm)]
    expect(new Set(headings.map(([, code]) => code))).toEqual(new Set(errorCodes))
    expect(headings).toHaveLength(errorCodes.length)
  })
})

describe('links between the documents', () => {
  const linking = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...compiledOnly]
  test.each([...linking, ...globSync('docs/**/*.md', { cwd: root })])(
    '%s points at files that exist',
    (document) => {
      const text = readFileSync(join(root, document), 'utf8')
      const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, target]) => target ?? '')
      const missing = targets.filter((target) => globSync(join(root, document, '..', target)).length === 0)
      expect(missing).toEqual([])
    },
  )
})
