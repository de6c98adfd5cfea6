import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { silentLog } from '../../base/log.ts'
import { FetchGate } from '../budget/gate.ts'
import type { LinkLimit } from '../budget/limit.ts'
import { Copying } from './copying.ts'
import { limits } from './limits.ts'
import { BATCH_RECORDS, ManyDestination, ManySource } from './testing/many.ts'
import { VirtualClock } from './testing/virtual-clock.ts'

const MIB = 1024 * 1024
const started = new Set<{ clock: VirtualClock; copying: Copying }>()
afterEach(async () => {
  for (const { clock, copying } of started) {
    void copying.stop()
    await clock.pass(60_000)
  }
  started.clear()
})

type World = {
  readonly topics: Readonly<Record<string, number>>
  readonly recordBytes?: number
  readonly limit?: LinkLimit
  readonly weightOf?: (topic: string) => number
  readonly isStuck?: (at: { topic: string; partition: number }) => boolean
}

function start(world: World) {
  const clock = new VirtualClock()
  const { recordBytes = 4_000 } = world
  const source = new ManySource(clock, { bytesPerSecond: 60 * MIB, recordBytes })
  const { isStuck = () => false, limit = null, weightOf } = world
  const destination = new ManyDestination(clock, { bytesPerSecond: 30 * MIB, isStuck })
  const copying = new Copying({
    source,
    destination,
    writer: { producerId: 7, producerEpoch: 0, generation: 1 },
    sourceTopic: (mirror) => mirror,
    damaged: () => assert.fail('damaged'),
    gate: new FetchGate(limit, clock),
    ...(weightOf === undefined ? {} : { weightOf }),
    clock,
    log: silentLog,
  })
  started.add({ clock, copying })
  const partitions = Object.entries(world.topics).flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, partition) => ({ topic, partition })),
  )
  return { clock, source, destination, copying, partitions }
}

const flat = (bytesPerSecond: number): LinkLimit => ({ bytesPerSecond, windows: [], zone: 'UTC' })

/** Records that all partitions but the stuck ones got within eight seconds. */
async function copiedBeside(stuck: number, partitionCount = 64): Promise<number> {
  const isStuck = ({ partition }: { partition: number }) => partition < stuck
  const world = start({ topics: { t: partitionCount }, isStuck })
  for (const at of world.partitions) world.source.append(at, 1_000_000)
  for (const at of world.partitions) world.copying.add(at)
  await world.clock.pass(8_000)
  assert.ok(world.copying.heldBytes <= limits.heldBytesMax + limits.fetchBytesMax, 'memory stays bounded')
  return world.partitions
    .filter((at) => !isStuck(at))
    .reduce((sum, at) => sum + world.destination.endOf(at), 0)
}

test('1 of 64 partitions blocked: the others keep at least 95 % of their rate', async () => {
  const all = await copiedBeside(0)
  const beside = await copiedBeside(1)
  assert.ok(beside >= 0.95 * all * (63 / 64), `${beside} of ${all} records`)
})

test('even when 48 of 64 partitions are blocked the others go on at nearly the rate of the destination', async () => {
  const all = await copiedBeside(0)
  const beside = await copiedBeside(48)
  assert.ok(beside >= 0.85 * all, `${beside} of ${all} records`)
})

test('under a limit, what is fetched over a minute is the limit', async () => {
  const { clock, source, copying, partitions } = start({ topics: { t: 8 }, limit: flat(2 * MIB) })
  for (const at of partitions) source.append(at, 1_000_000)
  for (const at of partitions) copying.add(at)
  await clock.pass(60_000)
  const mib = copying.counters.fetchedBytes / MIB
  assert.ok(mib > 116 && mib < 124, `${mib} MiB in 60 s at 2 MiB/s`)
  const { bytesPerSecond, limited, limitedMs } = copying.gate.status()
  assert.deepEqual([bytesPerSecond, limited], [2 * MIB, true])
  assert.ok(limitedMs > 40_000, `${limitedMs} ms`)
})

test('batches larger than the limit of a second still come, and the mean is the limit', async () => {
  const world = start({ topics: { t: 4 }, limit: flat(100_000), recordBytes: 40_000 })
  for (const at of world.partitions) world.source.append(at, 1_000)
  for (const at of world.partitions) world.copying.add(at)
  await world.clock.pass(120_000)
  const mean = world.copying.counters.fetchedBytes / 120
  assert.ok(mean > 90_000 && mean < 115_000, `${mean} bytes a second`)
  for (const at of world.partitions) assert.ok(world.destination.endOf(at) > 0, `partition ${at.partition}`)
})

test('under a tight limit a high topic arrives first, and a low one is never starved', async () => {
  const weightOf = (topic: string) => (topic === 'high' ? 16 : 1)
  const world = start({ topics: { low: 8, high: 2 }, limit: flat(MIB), weightOf })
  for (const at of world.partitions) world.source.append(at, at.topic === 'high' ? 250 : 100_000)
  for (const at of world.partitions) world.copying.add(at)
  const highEnd = 250 * BATCH_RECORDS
  const seconds = await secondsUntil(world.clock, () =>
    world.partitions.every((at) => at.topic !== 'high' || world.destination.endOf(at) === highEnd),
  )
  const low = world.source.sent.get('low')!
  const high = world.source.sent.get('high')!
  assert.ok(seconds < 1.25 * (high / MIB) + 3, `high was there after ${seconds} s`)
  assert.ok(low / (low + high) > 0.03, `low got ${low} of ${low + high} bytes`)
})

test('a backlog does not hold up the live tail: what is new arrives within seconds', async () => {
  const world = start({ topics: { backlog: 40, live: 4 }, limit: flat(2 * MIB) })
  const live = world.partitions.filter(({ topic }) => topic === 'live')
  for (const at of world.partitions) world.copying.add(at)
  await world.clock.pass(5_000)
  for (const at of world.partitions) if (at.topic === 'backlog') world.source.append(at, 10_000)
  let worst = 0
  for (let second = 0; second < 60; second++) {
    for (const at of live) world.source.append(at, 1)
    await world.clock.pass(1_000)
    for (const at of live) {
      const late = (second + 1) * BATCH_RECORDS - world.destination.endOf(at)
      worst = Math.max(worst, late)
    }
  }
  assert.ok(worst <= 2 * BATCH_RECORDS, `${worst} records late`)
  const backlog = world.source.sent.get('backlog')!
  assert.ok(backlog > 60 * MIB, `the backlog got ${backlog / MIB} MiB of 120`)
})

async function secondsUntil(clock: VirtualClock, isDone: () => boolean): Promise<number> {
  for (let tenth = 1; tenth < 3_000; tenth++) {
    await clock.pass(100)
    if (isDone()) return tenth / 10
  }
  assert.fail('within five minutes')
}
