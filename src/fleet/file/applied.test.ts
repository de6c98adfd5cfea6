import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { KmcError } from '../../base/error.ts'
import { type AppliedFleet, appliedFile, readApplied, rememberedPorts, writeApplied } from './applied.ts'
import { parseFleet } from './load.ts'

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kmc-applied-'))
})
after(() => rm(directory, { recursive: true, force: true }))

const { fleet } = parseFleet(`
clusters:
  a: { brokers: 3, config: { num.partitions: 4 } }
  h: { home: kafka }
  t: { bootstrap: ["h:1"], tls: { ca: file:c }, sasl: { mechanism: PLAIN, username: u, password: env:P } }
  o: { bootstrap: ["h:2"], tls: {}, sasl: { mechanism: OAUTHBEARER, token: file:t } }
links:
  one: { from: a, to: t, start: { offsets: { x: [1] } }, topics: [x] }
  two: { from: a, to: o, start: 2026-03-31T00:00:00Z, prefix: "a." }
`)
const clusters = Object.values(fleet.clusters).map(
  (declaration) => [declaration.name, { declaration, clusterId: null }] as const,
)
const applied: AppliedFleet = {
  format: 1,
  fleet: fleet.name,
  appliedAt: 1_700_000_000_000,
  clusters: Object.fromEntries(clusters),
  links: fleet.links,
}

test('what was applied is read as it was written, and holds references instead of secrets', async () => {
  assert.equal(await readApplied(directory), null)
  await writeApplied(directory, applied)
  assert.deepEqual(await readApplied(directory), applied)
  assert.match(await readFile(appliedFile(directory), 'utf8'), /"env:P"/)
})

test('only managed clusters have ports to remember', () => {
  assert.deepEqual(rememberedPorts(applied), { a: 19_092, h: 19_102 })
  assert.deepEqual(rememberedPorts(null), {})
})

test('a damaged record is an error that says where it is', async () => {
  for (const text of ['', '{', '{"format":2}', JSON.stringify({ ...applied, links: { one: {} } })]) {
    await writeFile(appliedFile(directory), text)
    await assert.rejects(readApplied(directory), (error) => {
      assert.ok(error instanceof KmcError)
      assert.equal(error.code, 'FLEET_RECORD_INVALID')
      assert.ok(error.message.includes(appliedFile(directory)))
      return true
    })
  }
})
