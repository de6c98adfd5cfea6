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
    { readonly acknowledged: number; readonly lost: readonly string[] }
  >
  readonly counts: { readonly aborted: number }
  readonly group: { readonly source: number; readonly destination: number }
  readonly kills: number
}

test('the demo ends by itself, kills a worker on the way, and finds both sides equal; ports may be taken', async () => {
  await takePort(19_092)
  const { code, stdout, stderr } = await kmc(directory, 'demo', '--duration', '12s', '-o', 'json')
  assert.equal(code, 0, stdout + stderr)
  const { verified, audits, counts, group, kills } = JSON.parse(stdout) as Result
  assert.ok(verified.equal && verified.records > 0)
  assert.ok(audits.orders.acknowledged > 0 && audits.payments.acknowledged > 0)
  assert.deepEqual([audits.orders.lost, audits.payments.lost], [[], []])
  assert.ok(counts.aborted > 0)
  assert.equal(group.destination, group.source)
  assert.equal(kills, 1)
  await nothingRuns(directory)
})

test('it runs again over its old records, and Ctrl-C brings it to the same verdict', async () => {
  const demo = startKmc(directory, 'demo')
  await waitUntil(
    'records at virginia',
    () => demo.printed().includes('the first of them stand in virginia'),
    {
      withinMs: PATIENCE_MS,
    },
  )
  assert.match((await kmc(directory, 'demo')).stderr, /\[DEMO_RUNNING\]/)
  demo.kill('SIGINT')
  const { code, stdout } = await demo.ended
  assert.equal(code, 0, stdout)
  assert.match(stdout, /both sides are equal[\s\S]*orders acknowledged.*each exactly once[\s\S]*Try next/)
  await nothingRuns(directory)
})

test('the commands it names at the end work', async () => {
  await kmcOk(directory, 'up', '--detach', '-f', FILE)
  assert.match(await kmcOk(directory, 'verify', 'dr', '-f', FILE), /both sides are equal/)
  await kmcOk(directory, 'down', '-f', FILE)
  await nothingRuns(directory)
})
