import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { analyse } from 'scslre'
import ts from 'typescript'
import { expect, test, vi } from 'vitest'

const root = join(import.meta.dirname, '..')
const files = globSync('packages/*/src/**/*.ts', { cwd: root })

interface Expression {
  readonly file: string
  readonly source: string
  readonly flags: string
}

/** Literals in the sources of the packages. */
const literals: readonly Expression[] = files.flatMap((file) => {
  const found: Expression[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/')
      found.push({ file, source: node.text.slice(1, end), flags: node.text.slice(end + 1) })
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest))
  return found
})

/** Expressions that modules build when they are loaded. */
async function built(): Promise<readonly Expression[]> {
  const found: Expression[] = []
  const builders = files.filter(
    (file) =>
      !file.includes('/http-contract/') && readFileSync(join(root, file), 'utf8').includes('new RegExp('),
  )
  for (const file of builders) {
    class Recorded extends RegExp {
      constructor(source: string, flags = '') {
        super(source, flags)
        found.push({ file, source, flags })
      }
    }
    vi.stubGlobal('RegExp', Recorded)
    vi.resetModules()
    await import(join(root, file))
    vi.unstubAllGlobals()
  }
  return found
}

/** What makes an expression take more than linear time, if anything does. */
const problemsOf = ({ file, source, flags }: Expression): readonly string[] =>
  analyse({ source, flags }).reports.map(({ type, exponential }) => {
    const growth = exponential ? 'exponential' : 'polynomial'
    return `${file}: /${source}/${flags} takes ${growth} time (${type})`
  })

test('every regular expression of the packages takes time in proportion to its text', async () => {
  const all = [...literals, ...(await built())]
  expect(all.length).toBeGreaterThan(150)
  expect(all.flatMap(problemsOf)).toEqual([])
})

test.each([
  ['blanks before an end', { source: '\\s+$', flags: '' }],
  ['a repetition within one', { source: '^(?:a+)+$', flags: '' }],
  ['two repetitions of one letter', { source: '^a*a*$', flags: '' }],
])('the check finds %s', (_, expression) => {
  expect(problemsOf({ file: 'planted', ...expression })).not.toEqual([])
})
