import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { Cluster } from '../../src/client/cluster.ts'
import { describeProducersAt } from '../../src/client/describe-producers.ts'
import { produceRaw } from '../../src/client/produce.ts'
import { initProducerId } from '../../src/client/producer-id.ts'
import { writeTxnMarkers } from '../../src/client/txn-markers.ts'
import type { FleetStatus } from '../../src/fleet/run/fleet-status.ts'
import { readState } from '../../src/link/state/store.ts'
import type { LinkStatus } from '../../src/link/status.ts'
import { verifyLink } from '../../src/link/verify/verify.ts'
import type { LinkWorker } from '../../src/link/worker/pack.ts'
import { buildBatch } from '../../src/wire/batch/build.ts'
import { ErrorCode } from '../../src/wire/error-codes.ts'
import { NEWEST, OLDEST, startClusters, type TestCluster } from '../harness/clusters.ts'
import { JavaClient, type Load } from '../harness/java/client.ts'
import { kmc, kmcJson, nothingRuns, startKmc } from '../harness/kmc.ts'
import {
  assertLoadArrived,
  assertSameOnBothSides,
  awaitInStep,
  linkSpec,
  startWorker,
} from '../harness/links.ts'
import { repairAndCompare, repairMirror } from '../harness/mirrors.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { numbered } from '../harness/workloads.ts'

/** I7: workers of one link come, go, die and sleep; each partition has one writer, and nothing is lost or moved. */

const { clusters, stop } = await startClusters({
  source: { kafka: OLDEST },
  destination: { kafka: NEWEST },
})
const java = await JavaClient.start()
const { source, destination } = clusters
const spec = linkSpec('shared', source, destination)
const TOPIC = 'load'
const sides = { source, destination, topic: TOPIC }
/** Plain records, and transactions, whose gaps are filled with markers: both kinds of write are on their way. */
const load: Load = {
  name: 'load',
  topic: TOPIC,
  partitions: 6,
  plainPerSecond: 300,
  transactionsPerSecond: 12,
  valueBytes: 200,
  codec: 'lz4',
}
const SESSION_MS = 10_000
const SETTLED_MS = PATIENCE_MS

const workers = new Map<string, LinkWorker>()
after(async () => {
  for (const worker of workers.values()) worker.kill('SIGCONT')
  await Promise.all([...workers.values()].map((worker) => worker.stop()))
  await java.close()
  await stop()
})

function start(name: string): LinkWorker {
  const { worker } = startWorker(spec, name)
  workers.set(name, worker)
  return worker
}

async function killed(name: string): Promise<void> {
  const worker = workers.get(name)!
  workers.delete(name)
  const exited = new Promise((resolve) => worker.onExit(resolve))
  worker.kill('SIGKILL')
  await exited
}

/** How many partitions each worker says it holds itself, and whether all of them tell of the same generation. */
function division(): { held: number[]; generations: Set<number | null>; leaders: number; records: number[] } {
  const statuses = [...workers.values()].map(({ status }) => status)
  const held = statuses.map((status) => {
    const self = status?.workers.find((worker) => worker.self)?.name
    const mirror = status?.mirrors.find(({ topic }) => topic === TOPIC)
    return mirror?.partitions.filter(({ worker }) => worker === self).length ?? 0
  })
  const leaders = statuses.filter((status) => status?.workers.some(({ leads, self }) => leads && self))
  return {
    held,
    generations: new Set(statuses.map((status) => status?.generation ?? null)),
    leaders: leaders.length,
    records: statuses.map((status) => status?.counters.records ?? 0),
  }
}

/** Waits until all workers share the partitions evenly in one generation, and each copies. */
async function awaitShared(): Promise<void> {
  const share = load.partitions / workers.size
  const isShared = () => {
    const { held, generations, leaders } = division()
    return leaders === 1 && generations.size === 1 && held.every((count) => Math.abs(count - share) < 1)
  }
  const lastSeen = () => ({
    ...division(),
    statuses: [...workers.values()].map(({ status }) => brief(status)),
  })
  await waitUntil(`${workers.size} workers share the link`, isShared, { withinMs: SETTLED_MS, lastSeen })
  const before = division().records
  const allCopy = () => division().records.every((count, index) => count > before[index]!)
  await waitUntil('every worker copies', allCopy, { withinMs: SETTLED_MS, lastSeen })
}

function brief(status: LinkStatus | null) {
  return status && { state: status.state, fault: status.fault, workers: status.workers, lag: status.lag }
}

function leader(): string {
  const [name] = [...workers].find(([, { status }]) =>
    status?.workers.some(({ leads, self }) => leads && self),
  )!
  return name
}

function follower(): string {
  return [...workers.keys()].find((name) => name !== leader())!
}

describe('workers of one link', () => {
  test('share its partitions evenly, also with one that joins under load', async () => {
    await java.createTopics(source.access, [{ name: TOPIC, partitions: load.partitions }])
    await java.startLoad(source.access, load)
    for (const name of ['a', 'b']) start(name)
    await awaitShared()
    start('c')
    await awaitShared()
  })

  test('every one of them shows all mirrors, and who holds what', async () => {
    const isWhole = () =>
      [...workers.values()].every(({ status }) => {
        const mirror = status?.mirrors.find(({ topic }) => topic === TOPIC)
        const known = mirror?.partitions.filter(({ sourceEnd, destinationEnd }) => {
          return sourceEnd !== null && destinationEnd !== null
        })
        return known?.length === load.partitions && status?.lag.records !== null
      })
    const lastSeen = () => [...workers.values()].map(({ status }) => status?.mirrors)
    await waitUntil('all ends are known to all', isWhole, { withinMs: SETTLED_MS, lastSeen })
    const views = [...workers.values()].map(({ status }) =>
      status!.mirrors[0]!.partitions.map((p) => p.worker),
    )
    assert.deepEqual(views[1], views[0])
    assert.equal(new Set(views[0]).size, workers.size)
  })

  test('the leader is killed with -9 and comes back under its name: no waiting for its session', async () => {
    const name = leader()
    await killed(name)
    const at = Date.now()
    start(name)
    await awaitShared()
    assert.ok(Date.now() - at < SETTLED_MS)
  })

  test('one is killed for good: the others have its partitions once its session is over', async () => {
    await killed(follower())
    await awaitShared()
  })

  test('two sleep past their sessions, the leader among them, and wake: they go on in a new generation', async () => {
    for (const name of ['d', 'e']) start(name)
    await awaitShared()
    const asleep = [leader(), follower()].map((name) => ({ name, worker: workers.get(name)! }))
    const pids = asleep.map(({ worker }) => worker.pid)
    for (const { name, worker } of asleep) {
      worker.kill('SIGSTOP')
      workers.delete(name)
    }
    await sleep(SESSION_MS + 2_000)
    await awaitShared()
    for (const { name, worker } of asleep) {
      workers.set(name, worker)
      worker.kill('SIGCONT')
    }
    await awaitShared()
    assert.deepEqual(
      asleep.map(({ worker }) => worker.pid),
      pids,
    )
  })

  test('one leaves in order', async () => {
    const name = leader()
    const worker = workers.get(name)!
    workers.delete(name)
    await worker.stop()
    await awaitShared()
  })

  test('every acknowledged record is there once, at its own offset, and nothing else', async () => {
    const faults = [...workers.values()].flatMap(
      ({ status }) => status?.mirrors.map(({ fault }) => fault) ?? [],
    )
    assert.deepEqual(
      faults.filter((fault) => fault !== null),
      [],
    )
    await assertLoadArrived(java, sides, await java.stopLoad(load.name))
    const report = await verifyLink(spec, {})
    assert.ok(report.equal, JSON.stringify(report.partitions))
    for (const { status } of workers.values()) assert.equal(status?.fault, null)
  })
})

test('what a worker of an earlier generation still sends is refused: data by sequence and epoch, markers by generation', async () => {
  await using cluster = await Cluster.connect(destination.config)
  const state = await readState(cluster)
  const { producerId } = state!.link(spec.name)!
  const lease = state!.lease(spec.name)!
  assert.ok(lease.generation > 5, 'a generation for each change')
  const node = await cluster.leaderOf(TOPIC, 0)
  const all = Array.from({ length: load.partitions }, (_, partition) => ({ topic: TOPIC, partition }))
  const producers = await describeProducersAt(cluster, { node }, all)
  const known = producers.flatMap(({ partition, producers: seen }) => {
    const own = seen.find((one) => one.producerId === producerId)
    return own === undefined ? [] : [{ ...own, topic: TOPIC, partition }]
  })
  const fenced = known.filter(({ coordinatorEpoch, producerEpoch }) => {
    return coordinatorEpoch === lease.generation && producerEpoch > 0
  })
  assert.ok(fenced.length > 0, 'partitions with a marker of the last generation, which raised the epoch')
  const before = await java.ranges(destination.access, TOPIC, 'read_uncommitted')

  const marking = async (lower: { readonly epoch: number; readonly generation: number }) => {
    const markers = fenced.map(({ producerEpoch, ...at }) => ({
      ...{ producerId: producerId!, producerEpoch: producerEpoch - lower.epoch, committed: true },
      coordinatorEpoch: lease.generation - lower.generation,
      partitions: [{ topic: at.topic, partition: at.partition }],
    }))
    return (await writeTxnMarkers(cluster, { node }, markers)).map(({ errorCode }) => errorCode)
  }
  const refused = (code: number) => fenced.map(() => code)
  assert.deepEqual(
    await marking({ epoch: 0, generation: 1 }),
    refused(ErrorCode.TRANSACTION_COORDINATOR_FENCED),
  )
  assert.deepEqual(await marking({ epoch: 1, generation: 0 }), refused(ErrorCode.INVALID_PRODUCER_EPOCH))

  const topicId = cluster.metadata.topic(TOPIC)!.topicId
  const records = [{ timestamp: Date.now(), key: null, value: Buffer.from('stale') }]
  const producing = async (stale: typeof known, lowerEpoch: number, ahead: number) => {
    const batches = stale.map(({ topic, partition, producerEpoch, lastSequence }) => {
      const stamp = { producerEpoch: producerEpoch - lowerEpoch, baseSequence: lastSequence + ahead }
      return { topic, partition, topicId, batch: buildBatch({ records, producerId: producerId!, ...stamp }) }
    })
    return (await produceRaw(cluster, node, 'stale', batches)).map(({ errorCode }) => errorCode)
  }
  const outOfOrder = known.map(() => ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
  assert.deepEqual(await producing(known, 0, 50), outOfOrder)
  // Of an epoch before the marker not even the next sequence is taken.
  assert.deepEqual(await producing(fenced, 1, 1), refused(ErrorCode.INVALID_PRODUCER_EPOCH))
  assert.deepEqual(await java.ranges(destination.access, TOPIC, 'read_uncommitted'), before)
})

/** Faults that no mirror's record keeps, in all partitions, whoever copies them. */
describe('what one worker finds', () => {
  const COUNT = 60
  const topics = ['overtaken', 'remade'] as const
  const views = (topic: string) => {
    return [...workers.values()].map(({ status }) => status?.mirrors.find((mirror) => mirror.topic === topic))
  }
  const lastSeen = () => topics.map(views)
  before(async () => {
    const { partitions } = load
    await java.createTopics(
      source.access,
      topics.map((name) => ({ name, partitions })),
    )
    for (const topic of topics) {
      await java.produce(source.access, topic, numbered(topic, COUNT, partitions))
      await awaitInStep(java, { source, destination, topic })
    }
    await java.consume(source.access, 'readers', ['overtaken'], { count: 10 })
    const names = [...workers.keys()]
    await Promise.all([...workers.values()].map((worker) => worker.stop()))
    for (const topic of topics) {
      await java.produce(source.access, topic, numbered('never seen', COUNT, partitions))
      const starts = Array.from({ length: partitions }, (_, partition) => [partition, 15])
      await java.deleteRecords(source.access, topic, Object.fromEntries(starts))
    }
    for (const name of names) start(name)
  })

  test('every one tells: faults, lag in seconds and group positions', async () => {
    const isTold = () => {
      const faults = topics
        .flatMap(views)
        .flatMap((mirror) =>
          mirror?.partitions.map(({ fault, lag }) => fault !== null && lag.seconds !== null),
        )
      const groups = [...workers.values()].map(({ status }) => {
        return status?.groups.some(({ group }) => group === 'readers')
      })
      const count = workers.size * topics.length * load.partitions
      return faults.filter(Boolean).length === count && groups.every(Boolean)
    }
    await waitUntil('all faults are told by all workers', isTold, { withinMs: SETTLED_MS, lastSeen })
    for (const mirror of topics.flatMap(views)) {
      assert.equal(mirror?.state, 'faulted')
      for (const { fault, lag } of mirror.partitions) {
        assert.equal(fault?.code, 'RETENTION_OVERTOOK')
        assert.match(fault.remedy, /accept-gap/)
        assert.ok(lag.records! > 0 && lag.seconds! > 0)
      }
    }
  })

  test('a resume is done by all; where the cause is there still, the leader hears it from the others', async () => {
    const asked = await repairMirror(spec, 'overtaken', 'resume')
    assert.equal(asked.outcome, 'refused', asked.text)
    assert.match(asked.text, /still there/)
  })

  test('accept-gap and reseed bring back what other workers copy', async () => {
    await repairAndCompare(java, spec, { source, destination, topic: 'remade' }, 'reseed')
    // For the reseed all began anew, and a repair is for the faults that are known when it is asked for.
    const isFound = () =>
      views('overtaken').every((mirror) => mirror?.partitions.every(({ fault }) => fault !== null))
    await waitUntil('what was overtaken is found again', isFound, { withinMs: SETTLED_MS, lastSeen })
    const asked = await repairMirror(spec, 'overtaken', 'accept-gap')
    assert.equal(asked.outcome, 'done', asked.text)
    await awaitInStep(java, { source, destination, topic: 'overtaken' })
    const isSound = () =>
      topics.flatMap(views).every((mirror) => mirror?.fault === null && mirror.lag.seconds === 0)
    await waitUntil('all workers tell that nothing is wrong', isSound, { withinMs: SETTLED_MS, lastSeen })
    await java.produce(source.access, 'overtaken', numbered('goes on', COUNT, load.partitions))
    await awaitInStep(java, { source, destination, topic: 'overtaken' })
  })
})

describe('kmc serve', () => {
  const directory = temporaryDirectory('serve')
  const address = (cluster: TestCluster) => `{ bootstrap: ["${cluster.config.bootstrap.join('", "')}"] }`
  const elsewhere = temporaryDirectory('elsewhere')
  for (const folder of [directory, elsewhere]) {
    writeFileSync(
      join(folder, 'fleet.yaml'),
      `clusters: { here: ${address(source)}, there: ${address(destination)} }
links:
  served: { from: here, to: there, topics: [load], groups: [], prefix: "served.", workers: 2, producerIdsFrom: 3000 }
`,
    )
  }
  const served = { ...sides, mirror: `served.${TOPIC}` }
  const look = async () => (await kmcJson<FleetStatus>(directory, 'status')).links[0]!
  const awaitWorkers = async (count: number) => {
    const isSo = async () => {
      const link = await look()
      return link.state === 'active' && link.workers.length === count && link.lag.records === 0 ? link : null
    }
    // All that the load has written is copied once more: many small gaps, which take long on a busy machine.
    return await waitUntil(`${count} workers in step`, isSo, { withinMs: 2 * SETTLED_MS, lastSeen: look })
  }
  after(async () => {
    await kmc(directory, 'down')
    await nothingRuns(directory)
  })

  test('several from one file share a link, threads included, and `kmc status` shows all of it', async () => {
    await Promise.all([...workers.values()].map((worker) => worker.stop()))
    workers.clear()
    const first = startKmc(directory, 'serve')
    await awaitWorkers(2)
    const second = startKmc(directory, 'serve', '--link', 'served')
    const link = await awaitWorkers(4)
    const holders = link.mirrors[0]!.partitions.map(({ worker }) => worker)
    assert.equal(new Set(holders).size, 4)
    await awaitInStep(java, served)
    const isSeen = async () => {
      const [seen] = (await kmcJson<FleetStatus>(elsewhere, 'status')).links
      const rows = seen!.mirrors[0]?.partitions.map(({ worker, lag }) => [worker, lag.seconds])
      return (
        seen!.state === 'active' &&
        isDeepStrictEqual(
          rows,
          holders.map((worker) => [worker, 0]),
        )
      )
    }
    await waitUntil('a folder that runs nothing shows them too', isSeen, { withinMs: SETTLED_MS })
    second.kill('SIGTERM')
    assert.equal((await second.ended).code, 0)
    await awaitWorkers(2)
    first.kill('SIGKILL')
    await first.ended
    const again = startKmc(directory, 'serve')
    await awaitWorkers(2)
    again.kill('SIGINT')
    assert.equal((await again.ended).code, 0)
    await assertSameOnBothSides(java, served)
  })

  test('ids of writers never meet: those of links lie far above, others begin where the file says', async () => {
    await using cluster = await Cluster.connect(destination.config)
    const state = await readState(cluster)
    const [own, others] = [state!.link(spec.name)!, state!.link('served')!]
    assert.ok(own.producerId! >= 2 ** 52 && others.producerId! >= 2 ** 52)
    assert.notEqual(own.producerId, others.producerId)
    assert.equal(others.producerIdsFrom, 3_000)
    assert.ok((await initProducerId(cluster)).producerId >= 3_000)
  })
})
