import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { FleetStatus } from '../../src/fleet/run/fleet-status.ts'
import { isAlive, kmc, kmcJson, kmcOk, nothingRuns, processesOf, startKmc } from '../harness/kmc.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'

const SOON = { withinMs: PATIENCE_MS, everyMs: 300 }

function fleet(name: string, text: string): string {
  const directory = temporaryDirectory(name)
  writeFileSync(join(directory, 'fleet.yaml'), text)
  after(async () => {
    await kmc(directory, 'down')
    await nothingRuns(directory)
  })
  return directory
}

async function status(directory: string): Promise<FleetStatus> {
  return await kmcJson<FleetStatus>(directory, 'status')
}

const two = fleet(
  'kills',
  `clusters: { seoul: { port: 20840 }, virginia: { port: 20860 } }
links: { dr: { from: seoul, to: virginia } }
`,
)

test('a worker that is killed with -9 is started again and the link is active again', async () => {
  await kmcOk(two, 'up', '--detach')
  const before = (await status(two)).links[0]!.worker!
  process.kill(before.pid!, 'SIGKILL')
  const link = await waitUntil(
    'the worker to be back',
    async () => {
      const [now] = (await status(two)).links
      return now!.state === 'active' && now!.worker!.pid !== before.pid && now
    },
    SOON,
  )
  assert.deepEqual([link.worker!.restarts, link.worker!.lastEnd?.why], [1, 'killed'])
})

test('a broker that is killed with -9 is started again, and its loss shows as a fault meanwhile', async () => {
  const [broker] = (await status(two)).clusters[1]!.brokers
  process.kill(broker!.pid!, 'SIGKILL')
  const back = await waitUntil(
    'the broker to be back',
    async () => {
      const now = (await status(two)).clusters[1]!
      const [again] = now.brokers
      return now.state === 'ready' && again!.state === 'running' && again!.pid !== broker!.pid && now
    },
    SOON,
  )
  assert.equal(back.brokers[0]!.restarts, 1)
  await waitUntil('the link to be active', async () => (await status(two)).links[0]!.state === 'active', SOON)
})

test('a supervisor that is killed with -9 leaves no worker and no broker, and up works again', async () => {
  const now = await status(two)
  const pids = [
    now.links[0]!.worker!.pid!,
    ...now.clusters.flatMap(({ brokers }) => brokers.map(({ pid }) => pid!)),
  ]
  process.kill(now.supervisor!.pid, 'SIGKILL')
  await waitUntil('workers and brokers to end by themselves', () => !pids.some(isAlive), SOON)
  assert.equal((await status(two)).supervisor, null)
  await kmcOk(two, 'up', '--detach')
  assert.equal((await status(two)).supervisor?.phase, 'running')
})

test('down right after kill -9 of the supervisor leaves nothing behind either', async () => {
  const { supervisor } = await status(two)
  process.kill(supervisor!.pid, 'SIGKILL')
  await kmcOk(two, 'down')
  await nothingRuns(two)
})

test('a supervisor in the foreground ends everything on Ctrl-C, SIGTERM and when its terminal closes', async () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const up = startKmc(two, 'up')
    await waitUntil('the link to be active', () => up.printed().includes('is active'), SOON)
    up.kill(signal)
    const { code } = await up.ended
    assert.equal(code, 0)
    await nothingRuns(two)
  }
})

test('Ctrl-C while brokers are starting ends them too, and the second one does not wait', async () => {
  const up = startKmc(two, 'up')
  await waitUntil(
    'brokers to be there',
    async () => (await processesOf(two)).some((line) => line.includes('java')),
    SOON,
  )
  up.kill('SIGINT')
  await up.ended
  await nothingRuns(two)

  const again = startKmc(two, 'up')
  await waitUntil('the link to be active', () => again.printed().includes('is active'), SOON)
  again.kill('SIGINT')
  again.kill('SIGINT')
  await again.ended
  await nothingRuns(two)
})

test('a cluster that cannot start ends the start with its cause and exit code 1', async () => {
  const taken = fleet('taken', 'clusters: { seoul: { port: 20880, home: no-kafka-here } }\n')
  for (const words of [['up'], ['up', '--detach']]) {
    const { code, stderr } = await kmc(taken, ...words)
    assert.equal(code, 1)
    assert.match(stderr, /no-kafka-here.*\[KAFKA_HOME_INVALID\]/)
  }
  await nothingRuns(taken)
})

test('an external cluster that is gone delays nothing and is named with what to do', async () => {
  const clusters =
    'clusters: { seoul: { port: 20900 }, virginia: { port: 20920 }, tokyo: { bootstrap: ["127.0.0.1:20998"] } }'
  const far = fleet('far', `${clusters}\nlinks: { dr: { from: seoul, to: virginia } }\n`)
  await kmcOk(far, 'up', '--detach')
  const now = await waitUntil(
    'tokyo to be found out',
    async () => {
      const seen = await status(far)
      return seen.clusters[2]!.state === 'unreachable' && seen
    },
    SOON,
  )
  assert.equal(now.clusters[2]!.fault?.code, 'BOOTSTRAP_UNREACHABLE')
  assert.deepEqual([now.clusters[0]!.state, now.links[0]!.state], ['ready', 'active'])

  const links = 'links: { dr: { from: seoul, to: virginia }, far: { from: seoul, to: tokyo } }'
  writeFileSync(join(far, 'fleet.yaml'), `${clusters}\n${links}\n`)
  const refused = await kmc(far, 'apply')
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /needs tokyo, which does not answer[\s\S]*\[PLAN_REFUSED\]/)
  assert.equal((await status(far)).links.length, 1)
})
