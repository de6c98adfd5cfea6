import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { batch } from '../copier/testing/batches.ts'
import { Copying } from '../copy/copying.ts'
import { ModelDestination, modelSource } from '../copy/testing/model.ts'
import type { GroupSync } from '../groups/sync.ts'
import { Mirror, type MirrorContext } from '../mirrors/mirror.ts'
import type { SourcePort } from '../port.ts'
import { Told } from '../share/told.ts'
import type { IntentRecord, ReceiptRecord, Wish } from '../state/intents.ts'
import type { MirrorRecord } from '../state/records.ts'
import type { Household } from './household.ts'
import { Obeying } from './obey.ts'

const at = { topic: 't', partition: 0 }
const END = 20
const batches = Array.from({ length: END }, (_, offset) => batch({ offsets: [offset] }))

type World = {
  readonly obeying: Obeying
  readonly mirror: Mirror
  readonly copying: Copying
  readonly destination: ModelDestination
  readonly records: MirrorRecord[]
  readonly receipts: ReceiptRecord[]
  readonly settings: object[]
  readonly ask: (wish: Wish, id?: string) => void
  readonly intents: IntentRecord[]
}

const running = new Set<Copying>()
afterEach(async () => {
  await Promise.all([...running].map((copying) => copying.stop()))
  running.clear()
})

const record: MirrorRecord = {
  ...{ link: 'dr', topic: 't', mirror: 't', sourceTopicId: 's', mirrorTopicId: 'm', state: 'active' },
  ...{ answer: null, closing: false, promotedAt: null, start: [0], withheld: { 'retention.ms': '5' } },
  ...{ producerIds: [7], accepted: [], adopted: [], damage: [] },
}

/** A worker that shares its link with nobody. */
const nobodyElse = {
  share: { isShared: false, otherOwnerOf: () => null },
  others: { destinationEnd: () => null },
  told: () => new Told([], 1),
}

/** A worker of one mirror; `before` is what the one before it left. */
function world(more: { source?: SourcePort; before?: World } = {}): World {
  const { source = modelSource(batches, END), before } = more
  const destination = before?.destination ?? new ModelDestination()
  const records = before?.records ?? [record]
  const receipts = before?.receipts ?? []
  const settings = before?.settings ?? []
  const intents = before?.intents ?? []
  const whole = Object.assign(destination, {
    topics: async () => [],
    configs: async () => new Map([['t', { 'retention.ms': '-1' }]]),
    changeConfigs: async (_topic: string, change: object) => void settings.push(change),
    logRanges: async () => [{ start: 0, end: destination.log.length }],
  })
  const writer = { producerId: 7, producerEpoch: 0, generation: 1 }
  const save = async (next: MirrorRecord) => void records.push(next)
  const context = { link: 'dr', writer, destination: whole, save } as unknown as MirrorContext
  const mirror = new Mirror({ topic: 't', mirror: 't' }, records.at(-1)!, context)
  const copying = new Copying({
    ...{ source, destination, writer, clock: systemClock, log: silentLog },
    sourceTopic: (name) => name,
    damaged: () => {},
    facts: ({ partition }) => mirror.notes.factsOf(partition),
  })
  running.add(copying)
  if (mirror.copies) copying.add(at)
  const house = {
    ...{ link: 'dr', source, destination: whole, copying, clock: systemClock, log: silentLog },
    groupSource: { highWatermarks: async () => [END] },
    groups: { carriedAsOf: Number.POSITIVE_INFINITY, status: () => [] } as unknown as GroupSync,
    ...nobodyElse,
    mirrorOf: () => mirror,
    settle: async () => {
      if (!mirror.copies) copying.rest(at)
      else if (copying.copierOf(at)?.phase === 'stopped') {
        copying.remove(at)
        copying.add(at)
      }
      await copying.removed()
    },
    saveReceipt: async (receipt: ReceiptRecord) => void receipts.push(receipt),
  } as unknown as Household
  const ask = asking(intents)
  const obeying = new Obeying(house, () => intents)
  return { obeying, mirror, copying, destination, records, receipts, settings, ask, intents }
}

function asking(intents: IntentRecord[]): World['ask'] {
  return (wish, id = 'first') => {
    const by = { user: 'u', host: 'h' }
    intents.splice(0, intents.length, { id, link: 'dr', topic: 't', wish, by, at: Date.now() })
  }
}

async function answered({ obeying, mirror, intents }: World): Promise<string> {
  const deadline = Date.now() + 20_000
  while (Date.now() < deadline) {
    await obeying.step()
    const { answer } = mirror.notes
    if (answer?.intent === intents[0]!.id && answer.outcome !== 'working')
      return `${answer.outcome}: ${answer.text}`
    await systemClock.sleep(20)
  }
  return assert.fail(`no answer: ${JSON.stringify(mirror.notes.answer)}`)
}

async function copied({ copying }: World, end = END): Promise<void> {
  const deadline = Date.now() + 10_000
  while (copying.copierOf(at)?.confirmed !== end) {
    assert.ok(Date.now() < deadline, 'copied in time')
    await systemClock.sleep(5)
  }
}

const repair = (choice: 'accept-gap' | 'reseed' | 'resume'): Wish => {
  return { verb: 'repair', choice, partitions: null, mirrorTopicId: 'm' }
}

test('a pause stops copying, a resume goes on at the same offset', async () => {
  const one = world()
  one.ask({ verb: 'pause' })
  assert.match(await answered(one), /^done/)
  const stood = one.destination.log.length
  await systemClock.sleep(30)
  assert.equal(one.destination.log.length, stood)
  one.ask({ verb: 'resume' }, 'second')
  assert.match(await answered(one), /^done/)
  await copied(one)
  assert.deepEqual(
    one.destination.log,
    batches.map((_, offset) => `v${offset}`),
  )
})

test('a promotion ends in a topic with its own settings and a receipt, and nothing is copied afterwards', async () => {
  const one = world()
  one.ask({ verb: 'promote' })
  assert.match(await answered(one), /^done: t was promoted/)
  assert.equal(one.mirror.state, 'promoted')
  assert.deepEqual(one.records.at(-1)?.promotedAt, [END])
  assert.deepEqual(one.settings, [{ set: { 'retention.ms': '5' }, unset: [] }])
  assert.deepEqual(one.receipts[0]?.partitions, [{ partition: 0, from: 0, to: END, sourceEnd: END }])
  assert.equal(one.copying.copierOf(at)?.phase, 'stopped')
  const next = world({ before: one })
  assert.equal(next.copying.copierOf(at), null)
})

test('a worker that ends in the middle of a promotion is followed by one that finishes it', async () => {
  const one = world()
  one.ask({ verb: 'promote' })
  await one.obeying.step()
  assert.equal(one.records.at(-1)?.state, 'promoting')
  await one.copying.stop()
  const next = world({ before: one })
  assert.match(await answered(next), /^done: t was promoted/)
  assert.equal(next.receipts.length, 1)
})

test('a worker that ends right after the mirror was promoted is followed by one that lets the topic go', async () => {
  const one = world()
  one.ask({ verb: 'promote' })
  await one.obeying.step()
  await copied(one)
  await one.mirror.notes.promoted([END])
  await one.copying.stop()
  const next = world({ before: one })
  assert.match(await answered(next), /^done: t was promoted/)
  assert.equal(next.settings.length, 1)
})

test('a failover asks the source nothing and says what was missing as last seen', async () => {
  const source = modelSource(batches, END + 5)
  const one = world({ source })
  await copied(one)
  Object.assign(source, {
    ranges: () => assert.fail('the source is gone'),
    fetch: () => new Promise(() => {}),
  })
  one.ask({ verb: 'failover' })
  assert.match(
    await answered(one),
    /^done: t was failed over at 20: up to 5 records .* are missing, as last seen/,
  )
  assert.deepEqual(one.receipts[0]?.partitions, [{ partition: 0, from: 0, to: END, sourceEnd: END + 5 }])
})

/** A source whose first offsets are gone. */
function overtaken(start: number): SourcePort {
  const source = modelSource(batches.slice(start), END)
  return {
    ...source,
    ranges: async (_node, partitions) => partitions.map((one) => ({ ...one, errorCode: 0, start, end: END })),
    fetch: async (node, items, options) => {
      const gone = items.some(({ offset }) => offset < start)
      const answers = await source.fetch(node, items, options)
      return gone ? answers.map((answer) => ({ ...answer, errorCode: 1, records: null })) : answers
    },
  }
}

async function faulted(one: World): Promise<void> {
  const deadline = Date.now() + 10_000
  while (one.copying.copierOf(at)?.phase !== 'faulted') {
    assert.ok(Date.now() < deadline, 'faulted in time')
    await systemClock.sleep(5)
  }
}

test('an accepted gap is filled with markers, with a receipt, also by the next worker', async () => {
  const one = world({ source: overtaken(8) })
  await faulted(one)
  one.ask(repair('accept-gap'))
  await one.obeying.step()
  await one.copying.stop()
  const next = world({ source: overtaken(8), before: one })
  assert.match(await answered(next), /^done: filled with markers: t-0 offsets 0 to 7 \(8\)/)
  await copied(next)
  const expected = batches.map((_, offset) => (offset < 8 ? null : `v${offset}`))
  assert.deepEqual(next.destination.log, expected)
  assert.deepEqual(next.receipts[0]?.partitions, [{ partition: 0, from: 0, to: 8, sourceEnd: null }])
  assert.equal(next.receipts.length, 1)
})

test('a repair that does not fit is refused with those that do', async () => {
  const one = world()
  await copied(one)
  one.ask(repair('reseed'))
  assert.match(await answered(one), /^refused: t has no fault/)
  const other = world({ source: overtaken(8) })
  await faulted(other)
  other.ask({ verb: 'promote' })
  assert.match(await answered(other), /^refused: t is stopped by a fault/)
  other.ask({ ...repair('reseed'), mirrorTopicId: 'another' } as Wish, 'stale')
  assert.match(await answered(other), /^refused: t is not the topic any more/)
})

test('resume goes on where the cause is cured, and says so where it is not', async () => {
  const one = world()
  one.destination.fault = (asked) => (asked === 'produce' ? 'not-authorized' : 'none')
  await faulted(one)
  one.ask(repair('resume'))
  assert.match(await answered(one), /^refused: the fault is still there/)
  one.destination.fault = () => 'none'
  await faulted(one)
  one.ask(repair('resume'), 'second')
  assert.match(await answered(one), /^done: t copies again/)
  await copied(one)
})
