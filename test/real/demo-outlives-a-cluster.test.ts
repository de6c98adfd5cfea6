import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, test } from 'node:test'
import { kmc, kmcOk, nothingRuns, startKmc } from '../harness/kmc.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'

const directory = temporaryDirectory('demo')
const FILE = '.kmc/demo/fleet.yaml'

after(async () => {
  await kmc(directory, 'down', '-f', FILE)
  await nothingRuns(directory)
})

/** Takes the first port of the demo, or finds it taken: either way the demo has to do without it. */
async function takePort(port: number): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.once('error', () => resolve())
    server.listen(port, '127.0.0.1', resolve)
  })
  after(() => server.close())
}

type Result = {
  readonly verified: { readonly equal: boolean; readonly records: number }
  readonly audits: Record<
    'orders' | 'payments',
    {
      readonly acknowledged: number
      readonly found: number
      readonly repeated: readonly string[]
      readonly invented: readonly string[]
    }
  >
  readonly counts: { readonly aborted: number }
  readonly groups: readonly { readonly group: string; readonly missed: number }[]
  readonly kills: number
  readonly primaryLost: {
    readonly fromCommandMs: number | null
    readonly receipt: { readonly kind: string; readonly from: string; readonly to: string } | null
  } | null
}

test('the demo ends by itself, kills a worker and then seoul, and its shop goes on; ports may be taken', async () => {
  await takePort(19_092)
  const { code, stdout, stderr } = await kmc(directory, 'demo', '--duration', '16s', '-o', 'json')
  assert.equal(code, 0, stdout + stderr)
  const { verified, audits, counts, groups, kills, primaryLost } = JSON.parse(stdout) as Result
  assert.ok(verified.equal && verified.records > 0)
  for (const { acknowledged, repeated, invented } of Object.values(audits)) {
    assert.ok(acknowledged > 0)
    assert.deepEqual([repeated, invented], [[], []])
  }
  assert.ok(counts.aborted > 0)
  assert.deepEqual(
    groups.map(({ group, missed }) => [group, missed]),
    [
      ['shipping', 0],
      ['billing', 0],
    ],
  )
  assert.equal(kills, 1)
  assert.ok(primaryLost !== null && primaryLost.fromCommandMs !== null)
  const { kind, from, to } = primaryLost.receipt!
  assert.deepEqual({ kind, from, to }, { kind: 'failover', from: 'seoul', to: 'virginia' })
  await nothingRuns(directory)
})

test('the commands it names at the end work after a failover', async () => {
  await kmcOk(directory, 'up', '--detach', '-f', FILE)
  assert.match(await kmcOk(directory, 'receipts', '-f', FILE), /failover +.*done +seoul to virginia/)
  assert.match(await kmcOk(directory, 'route', 'describe', 'shop', '-f', FILE), /virginia/)
  await kmcOk(directory, 'down', '-f', FILE)
  await nothingRuns(directory)
})

test('it begins anew, and Ctrl-C before anything is killed brings it to the same verdict', async () => {
  const demo = startKmc(directory, 'demo')
  const hasBegun = () => demo.printed().includes('the first of them stand in virginia')
  await waitUntil('records at virginia', hasBegun, { withinMs: PATIENCE_MS })
  assert.match((await kmc(directory, 'demo')).stderr, /\[DEMO_RUNNING\]/)
  demo.kill('SIGINT')
  const { code, stdout } = await demo.ended
  assert.equal(code, 0, stdout)
  assert.match(stdout, /both sides are equal[\s\S]*orders acknowledged.*each exactly once[\s\S]*Try next/)
  await nothingRuns(directory)
})
