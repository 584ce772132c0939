// Asks the registry for known advisories of the dependencies at run time. 0: none · 1: some · 2: the registry did not respond.
import { spawnSync } from 'node:child_process'

const { stdout, stderr } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' })
const report = parse(stdout)
const counts = report?.metadata?.vulnerabilities
if (!counts) {
  const why = report?.message ?? report?.error?.summary ?? stderr.trim()
  console.error(
    `The registry did not respond with advisories, so nothing was audited: ${why || 'no reason given'}`,
  )
  console.error('Check `npm config get registry`: a mirror may not offer the audit service.')
  process.exit(2)
}
const found = Object.entries(counts).filter(([severity, count]) => severity !== 'total' && count > 0)
console.log(
  found.length > 0 ? found.map(([severity, count]) => `${count} ${severity}`).join(', ') : 'No advisories',
)
for (const { name, severity, range } of Object.values(report.vulnerabilities ?? {})) {
  console.log(`${severity}: ${name} ${range}`)
}
process.exit(counts.high + counts.critical > 0 ? 1 : 0)

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
