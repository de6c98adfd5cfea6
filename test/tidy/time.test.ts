import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTest, place, read, typescript } from './project.ts'

/** What a simulation cannot own; `base/clock` is the seam. */
const UNOWNED = new RegExp(
  [
    String.raw`\b(Date\.now|Math\.random|randomUUID|hrtime|performance\.now)\b`,
    String.raw`\bnew Date\(\)|\bset(Timeout|Interval|Immediate)\(`,
  ].join('|'),
)

/** Where a link touches the real world, and a fault's date, which nothing is decided by. */
const edges = [
  /^src\/link\/(link|observe|errors|evidence)\.ts$/,
  /^src\/link\/(ports|worker|state|verify|travel)\//,
  /^src\/link\/(preflight\/read|intents\/(request|without-worker)|share\/worker-group)\b/,
  /^src\/link\/.*\/testing\//,
]

test('what a simulation runs reads no clock and draws no lots by itself', () => {
  const simulated = typescript.filter(
    (path) =>
      (/^sim\//.test(path) || (path.startsWith('src/link/') && !edges.some((edge) => edge.test(path)))) &&
      !isTest(path),
  )
  const found = simulated.flatMap((path) =>
    read(path).lines.flatMap((line, index) => (UNOWNED.test(line) ? [place(path, index)] : [])),
  )
  assert.deepEqual(
    found.filter((where) => !where.startsWith('sim/engine/events.ts')),
    [],
  )
})
