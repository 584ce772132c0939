import { readFileSync } from 'node:fs'
import { defineConfig } from 'tsup'

type Manifest = {
  exports: Record<string, string | { '@syncline/source': string }>
  bin?: Record<string, string>
}

// Shared by every package: `tsup --config ../../tsup.config.ts`; what a package exports is what it builds.
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const exported = Object.values(manifest.exports).flatMap((entry) =>
  typeof entry === 'string' ? [] : [entry['@syncline/source']],
)
const binaries = Object.values(manifest.bin ?? {}).map((file) =>
  file.replace('./dist/', 'src/').replace(/\.js$/, '.ts'),
)

export default defineConfig({
  entry: [...exported, ...binaries],
  format: ['esm'],
  target: 'node22',
  sourcemap: true,
  clean: true,
  // The d.ts step needs the compiler API of TypeScript 6; `tsc` is TypeScript 7 (see devDependencies).
  dts: true,
})
