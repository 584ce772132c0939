import { readFileSync } from 'node:fs'

/** A fenced block of a document: ```ts name.ts [run] */
export interface CodeBlock {
  readonly file: string
  readonly run: boolean
  readonly code: string
  /** What it prints, when a ```text block follows at once. */
  readonly prints: string | undefined
}

const fence = /^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm

/** Every block of a language that tests can run. @throws when a TypeScript block has no file name: it would go unchecked */
export function codeBlocks(document: string): CodeBlock[] {
  const fences = [...readFileSync(document, 'utf8').matchAll(fence)]
  return fences.flatMap(([, language, info = '', code = ''], index) => {
    if (language !== 'ts') return []
    const [file, mode] = info.trim().split(/\s+/)
    if (!file?.endsWith('.ts')) throw new Error(`${document}: a ts block needs a file name: \`\`\`ts name.ts`)
    const following = fences[index + 1]
    const prints = following?.[1] === 'text' && mode === 'run' ? following[3] : undefined
    return [{ file, code, prints, run: mode === 'run' }]
  })
}
