import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { batch, controlBatch } from '../copier/testing/batches.ts'
import { Copying } from './copying.ts'
import { type Fault, ModelDestination, modelSource } from './testing/model.ts'

const at = { topic: 't', partition: 0 }
const END = 40

/** Offsets 0..39: data with holes, a transaction with its marker, an aborted look-alike is left to decide.test. */
const batches = [
  batch({ offsets: [0, 1, 2] }),
  batch({ offsets: [5, 6] }),
  batch({ offsets: [7], producerId: 9, transactional: true }),
  controlBatch(8, 9, 'COMMIT'),
  batch({ offsets: [9, 12, 13] }),
  ...Array.from({ length: 20 }, (_, i) => batch({ offsets: [14 + i] })),
  batch({ offsets: [36, 37, 38, 39] }),
]
const visible = [0, 1, 2, 5, 6, 7, 9, 12, 13, ...Array.from({ length: 20 }, (_, i) => 14 + i), 36, 37, 38, 39]
const expected = Array.from({ length: END }, (_, offset) => (visible.includes(offset) ? `v${offset}` : null))

const damage: string[] = []

function start(
  destination: ModelDestination,
  generation = 1,
  more: Partial<ConstructorParameters<typeof Copying>[0]> = {},
): Copying {
  const copying = new Copying({
    source: modelSource(batches, END),
    destination,
    writer: { producerId: 7, producerEpoch: 0, generation },
    sourceTopic: (mirror) => mirror,
    damaged: (_at, fault) => damage.push(fault.code),
    clock: systemClock,
    log: silentLog,
    ...more,
  })
  copying.add(at)
  started.add(copying)
  return copying
}

/** A test that fails leaves its loops running, which would keep the process alive. */
const started = new Set<Copying>()
afterEach(async () => {
  await Promise.all([...started].map((copying) => copying.stop()))
  started.clear()
})

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!condition()) {
    assert.ok(Date.now() < deadline, 'in time')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

test('every record lands at its offset, markers stand where a reader sees nothing', async () => {
  const destination = new ModelDestination()
  const copying = start(destination)
  await until(() => copying.copierOf(at)?.confirmed === END)
  await copying.stop()
  assert.deepEqual(destination.log, expected)
})

test('the first marker of a generation goes alone', async () => {
  const destination = new ModelDestination()
  const copying = start(destination)
  await until(() => destination.markerCounts.length >= 2)
  await copying.stop()
  assert.deepEqual(destination.markerCounts.slice(0, 2), [1, 1], 'the gap of two in two parts')
})

for (const kind of ['lost-answer', 'not-leader'] as const) {
  test(`${kind} at a third of all requests: nothing lost, doubled or moved`, async () => {
    const destination = new ModelDestination()
    // Not each third: what is sent again might have that same beat, and always meet a refusal first.
    let state = 1
    destination.fault = (): Fault => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return (state >>> 16) % 3 === 2 ? kind : 'none'
    }
    const copying = start(destination)
    await until(() => copying.copierOf(at)?.confirmed === END)
    await copying.stop()
    assert.deepEqual(destination.log, expected)
    assert.ok(copying.counters.recoveries > 2)
  })
}

test('a worker goes on where the log of the one before ends', async () => {
  const destination = new ModelDestination()
  const first = start(destination)
  await until(() => destination.log.length > 10)
  await first.stop()
  const second = start(destination, 2)
  await until(() => second.copierOf(at)?.confirmed === END)
  await second.stop()
  assert.deepEqual(destination.log, expected)
})

test('a worker of an older generation is fenced and sends nothing more', async () => {
  const destination = new ModelDestination()
  destination.takeOver(5)
  const copying = start(destination, 4)
  await until(() => copying.fence !== null)
  await copying.stop()
  assert.equal(copying.fence?.code, 'FENCED')
  assert.deepEqual(destination.log, [])
})

test('a batch at another offset than expected is DIVERGED, at once', async () => {
  const destination = new ModelDestination()
  destination.fault = () => {
    if (destination.requests.length === 1) destination.log.push('somebody else')
    return 'none'
  }
  const copying = start(destination)
  await until(() => damage.length > 0)
  await copying.stop()
  const { fault } = copying.copierOf(at)!
  const { expected: wanted, actual, writer } = fault?.evidence ?? {}
  assert.deepEqual([fault?.code, wanted, actual], ['DIVERGED', 0, 1])
  assert.equal((writer as { producerId: number }).producerId, 4711)
  assert.match(fault?.message ?? '', /producer id 4711/)
  assert.deepEqual(damage, ['DIVERGED'], 'told, so that it can be remembered')
})

for (const request of ['produce', 'markers'] as const) {
  test(`a right that is missing for ${request} is a fault, and the partition goes on once it is there`, async () => {
    const destination = new ModelDestination()
    destination.fault = (asked) => (asked === request ? 'not-authorized' : 'none')
    const copying = start(destination)
    await until(() => copying.copierOf(at)?.phase === 'faulted')
    const { fault } = copying.copierOf(at)!
    assert.equal(fault?.code, 'NOT_AUTHORIZED')
    assert.match(fault.message, /AUTHORIZATION_FAILED/)
    const sent = destination.requests.length
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(destination.requests.length, sent, 'nothing is sent again and again')
    destination.fault = () => 'none'
    copying.retryRefused()
    await until(() => copying.copierOf(at)?.confirmed === END)
    await copying.stop()
    assert.deepEqual(destination.log, expected)
  })
}

test('a record that somebody else wrote while no worker ran is found before anything is sent', async () => {
  const destination = new ModelDestination()
  const first = start(destination)
  await until(() => destination.log.length > 10)
  await first.stop()
  destination.log.push('invader')
  const sent = destination.requests.length
  damage.length = 0
  const facts = () => ({ writers: new Set([7]), acceptedTo: 0, adoptedTo: 0 })
  const second = start(destination, 2, { facts })
  await until(() => damage.length > 0)
  await second.stop()
  const { fault } = second.copierOf(at)!
  assert.deepEqual([fault?.code, fault?.evidence.offset], ['FOREIGN_WRITER', destination.log.length - 1])
  assert.match(fault?.message ?? '', /producer id 4711/)
  assert.equal(destination.requests.length, sent)
})

test('a source that lost its tail and grew again is found although it ends later than the mirror', async () => {
  const destination = new ModelDestination()
  const first = start(destination)
  await until(() => destination.log.length === END)
  await first.stop()
  const grown = [
    ...batches.slice(0, -1),
    batch({ offsets: [36, 37, 38, 39, 40], values: ['v36', 'v37', 'v38', 'other', 'new'] }),
  ]
  damage.length = 0
  const second = start(destination, 2, { source: modelSource(grown, END + 1) })
  await until(() => damage.length > 0)
  await second.stop()
  const { fault } = second.copierOf(at)!
  assert.equal(fault?.code, 'SOURCE_TRUNCATED')
  assert.equal(destination.log.length, END, 'nothing was appended')
})

for (const type of ['ABORT', 'COMMIT'] as const) {
  test(`a log that was adopted ends with a transaction that the other side holds markers for: ${type}`, async () => {
    const destination = new ModelDestination()
    const [mine, open] = [{ producerId: 9, transactional: true }, [3, 4, 5, 6]]
    destination.log.push('v0', 'v1', 'v2', 'x3', null, 'x5', null)
    destination.adopted.set(3, batch({ ...mine, offsets: [3], values: ['x3'] }))
    destination.adopted.set(4, controlBatch(4, 8, 'COMMIT'))
    destination.adopted.set(5, batch({ ...mine, offsets: [5], values: ['x5'] }))
    destination.adopted.set(6, controlBatch(6, 9, type))
    const markers = open.map((offset) => controlBatch(offset, 7, 'COMMIT'))
    const source = modelSource([batch({ offsets: [0, 1, 2] }), ...markers, batch({ offsets: [7] })], 8)
    const found = damage.length
    const copying = start(destination, 1, { source })
    if (type === 'COMMIT') await until(() => damage.length > found)
    else await until(() => copying.copierOf(at)?.confirmed === 8)
    await copying.stop()
    assert.deepEqual(damage.slice(found), type === 'COMMIT' ? ['SOURCE_TRUNCATED'] : [])
  })
}

test('what an operator has accepted as lost is filled, and copying goes on behind it', async () => {
  const destination = new ModelDestination()
  const source = modelSource(
    batches.filter((_, index) => index >= 5),
    END,
  )
  const facts = () => ({ writers: new Set([7]), acceptedTo: 14, adoptedTo: 0 })
  const copying = start(destination, 1, { source, facts })
  await until(() => copying.copierOf(at)?.confirmed === END)
  await copying.stop()
  assert.deepEqual(destination.log, [...Array(14).fill(null), ...expected.slice(14)])
})

test('a destination below min.insync is waited for, however long, and shown', async () => {
  const destination = new ModelDestination()
  destination.fault = (asked) => (asked === 'produce' ? 'not-enough-replicas' : 'none')
  const copying = start(destination)
  await until(() => copying.strikes.waitsFor(copying.copierOf(at)!) !== null)
  const waits = copying.strikes.waitsFor(copying.copierOf(at)!)
  assert.equal(waits?.code, 'DESTINATION_BELOW_MIN_INSYNC')
  assert.equal(copying.copierOf(at)?.fault, null)
  destination.fault = () => 'none'
  await until(() => copying.copierOf(at)?.confirmed === END)
  assert.equal(copying.strikes.waitsFor(copying.copierOf(at)!), null)
  await copying.stop()
  assert.deepEqual(destination.log, expected)
})
