import { openPostgresStore } from '@syncline/adapter-postgres'
import { createHash } from 'node:crypto'
import pg from 'pg'
const N = Number(process.argv[2] ?? 100000), P = Number(process.argv[3] ?? 1000)
const admin = new pg.Client({ connectionString: 'postgres://postgres@127.0.0.1:5432/postgres' })
await admin.connect()
const name = 'syncline_bench_' + process.pid
await admin.query(`create database ${name} template template0`)
const url = `postgres://postgres@127.0.0.1:5432/${name}`
const store = await openPostgresStore({ connectionString: url, migrate: true })
const scope = { connectorId: 'c', resourceType: 'user' }
await store.connectors.save({ connectorId: 'c', tenantId: 't', type: 'x', name: 'n', config: {}, status: 'active' })
const zero = { added: 0, updated: 0, unchanged: 0, restored: 0, staled: 0, removed: 0, excluded: 0, quarantined: 0, durationMs: 0, pagesProcessed: 0, totalUpstreamRecords: 0 }
const timings = { fetchMs: 0, transformMs: 0, writeMs: 0, staleMs: 0, postSyncMs: 0 }
const cp = (pages: number) => ({ version: 1 as const, phase: 'listing' as const, pages, emptyPages: 0, kept: 0, capped: false, nextWatermark: 'x', rules: 'r', cursor: 'c' + pages })
const rec = (i: number, v: number) => {
  const attributesJson = JSON.stringify({ dept: 'D' + (i % 50), city: 'Berlin', title: 'Engineer ' + i, phone: '+49 30 ' + i, tags: ['a', 'b', 'c'], manager: { id: 'u' + (i >> 3), name: 'Manager "' + (i >> 3) + '"' }, version: v, notes: 'x'.repeat(120) })
  return { externalId: 'user-' + String(i).padStart(8, '0'), displayName: 'User ' + i, email: `user${i}@example.com`, attributesJson, hash: createHash('sha256').update(attributesJson).digest('hex') }
}
async function pass(label: string, version: (i: number) => number | undefined) {
  const b = await store.runs.begin({ ...scope, tenantId: 't' }, (s) => ({ kind: 'start', abandonRunning: true, run: { runId: crypto.randomUUID(), mode: 'full', generation: s.generation + 1, leaseMs: 60000, checkpoint: cp(0), stats: zero, timings, complete: false, hashRecipe: 'h', forgetSeenBefore: s.generation + 1 } }))
  if (b.kind !== 'started') throw b.error
  const lease = { ...scope, runId: b.run.runId, fencingToken: b.run.fencingToken, leaseMs: 60000 }
  let ms = 0, pages = 0, worst = 0
  for (let at = 0; at < N; at += P) {
    const records = []
    for (let i = at; i < Math.min(N, at + P); i++) { const v = version(i); if (v !== undefined) records.push(rec(i, v)) }
    pages++
    const t = performance.now()
    await store.resources.commitPage({ lease, generation: b.run.generation, pageNumber: pages, records, excluded: [], rejected: [], received: records.length, checkpoint: cp(pages), timings })
    const d = performance.now() - t; ms += d; worst = Math.max(worst, d)
  }
  let t = performance.now()
  const s = await store.resources.closeListing({ lease, generation: b.run.generation, full: true })
  const close = performance.now() - t
  t = performance.now(); let batches = 0, wb = 0
  for (;;) { const t1 = performance.now(); batches++; const r = await store.resources.markStale({ lease, generation: b.run.generation, limit: 5000, checkpoint: cp(pages) }); wb = Math.max(wb, performance.now() - t1); if (r.done) break }
  const sweep = performance.now() - t
  t = performance.now()
  for (;;) { const r = await store.resources.purgeStale({ lease, retentionMs: 1e9, limit: 5000 }); if (r.done) break }
  const purge = performance.now() - t
  t = performance.now()
  const f = await store.runs.finish({ lease, status: 'success', checkpoint: { ...cp(pages), phase: 'done' }, timings, durationMs: 1, resumable: false, complete: true, confirmsScope: true, forgetSeen: true })
  console.log(label.padEnd(12), Math.round(N / ms * 1000), 'rec/s', 'worst page', worst.toFixed(0), 'close', close.toFixed(0), 'sweep', sweep.toFixed(0), 'batches', batches, 'worst', wb.toFixed(0), 'purge', purge.toFixed(0), 'finish', (performance.now() - t).toFixed(0), JSON.stringify({ ...f.stats }), 'unseen', s.unseen)
}
await pass('first', () => 1)
await pass('unchanged', () => 1)
await pass('10% changed', (i) => i % 10 === 0 ? 2 : 1)
await pass('mixed', (i) => i % 1000 === 7 ? undefined : i % 100 === 0 ? 3 : i % 10 === 0 ? 2 : 1)
await pass('20% gone', (i) => i % 5 === 0 ? undefined : i % 100 === 0 ? 3 : i % 10 === 0 ? 2 : 1)
await pass('back', (i) => i % 100 === 0 ? 3 : i % 10 === 0 ? 2 : 1)
console.time('change read'); let after = 0, n = 0; for (;;) { const c = await store.changes.read({ scope, after, limit: 1000 }); n += c.length; if (c.length === 0) break; after = c.at(-1)!.position; if (n > 20000) break } console.timeEnd('change read')
console.time('deep'); await store.resources.find({ connectorId: 'c', limit: 100, after: { resourceType: 'user', externalId: 'user-' + String(N - 500).padStart(8, '0') } }); console.timeEnd('deep')
await store.close()
const c2 = new pg.Client({ connectionString: url }); await c2.connect()
await c2.end()
if (process.argv[4] !== 'keep') await admin.query(`drop database ${name} with (force)`); else console.log(url)
await admin.end()
