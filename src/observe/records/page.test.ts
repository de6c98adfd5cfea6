import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { systemClock } from '../../base/clock.ts'
import type { ConsumedRecord } from '../../client/records/read-topic.ts'
import { parseFilter } from '../expression/parse.ts'
import { type Page, type PageQuery, type ReadWindows, readPage } from './page.ts'

/** A topic: offsets and times by partition; offsets may leave gaps. */
type Topic = readonly (readonly { readonly offset: number; readonly timestamp: number }[])[]

function recordsOf(topic: Topic): ConsumedRecord[] {
  return topic.flatMap((log, partition) =>
    log.map(({ offset, timestamp }) => {
      const value = Buffer.from(JSON.stringify({ even: offset % 2 === 0 }))
      return { topic: 't', partition, offset, timestamp, key: null, value, headers: [] }
    }),
  )
}

const reading = (topic: Topic): ReadWindows => {
  const records = recordsOf(topic)
  return async (windows) =>
    new Map(
      windows.map(({ partition, from, to }) => [
        partition,
        records.filter((one) => one.partition === partition && one.offset >= from && one.offset < to),
      ]),
    )
}

function endOf(log: Topic[number]): number {
  return (log.at(-1)?.offset ?? -1) + 3
}

async function allPages(topic: Topic, query: Omit<PageQuery, 'places'>): Promise<Page[]> {
  let places = topic.map((log, partition) => {
    const [start, end] = [0, endOf(log)]
    return query.order === 'oldest'
      ? { partition, at: start, limit: end }
      : { partition, at: end, limit: start }
  })
  const pages: Page[] = []
  for (;;) {
    const page = await readPage({ ...query, places }, reading(topic), systemClock)
    pages.push(page)
    if (page.end === 'all') return pages
    places = places.flatMap((place) => {
      const next = page.next.find(({ partition }) => partition === place.partition)
      return next === undefined ? [] : [{ ...place, at: next.at }]
    })
  }
}

const anyTopic = fc
  .array(
    fc.array(fc.record({ gap: fc.integer({ min: 1, max: 5 }), time: fc.integer({ min: 0, max: 9 }) }), {
      maxLength: 60,
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((logs) =>
    logs.map((log) => {
      let [offset, timestamp] = [-1, 0]
      return log.map(({ gap, time }) => {
        offset += gap
        timestamp += time
        return { offset, timestamp }
      })
    }),
  )

const place = ({ partition, offset }: { partition: number; offset: number }) => `${partition}@${offset}`

for (const order of ['oldest', 'newest'] as const) {
  test(`pages, ${order} first, together hold every record once, in order of time`, async () => {
    await fc.assert(
      fc.asyncProperty(anyTopic, fc.integer({ min: 1, max: 20 }), async (topic, limit) => {
        const pages = await allPages(topic, { order, limit, filter: null })
        const shown = pages.flatMap(({ records }) => records)
        assert.deepEqual(shown.map(place).toSorted(), recordsOf(topic).map(place).toSorted())
        const times = shown.map(({ timestamp }) => timestamp)
        const sign = order === 'oldest' ? 1 : -1
        assert.deepEqual(
          times,
          times.toSorted((a, b) => (a - b) * sign),
        )
        assert.ok(pages.slice(0, -1).every(({ records }) => records.length === limit))
      }),
    )
  })
}

test('a filter finds everything that it holds for, over as many pages as that takes', async () => {
  await fc.assert(
    fc.asyncProperty(anyTopic, fc.integer({ min: 1, max: 5 }), async (topic, limit) => {
      const pages = await allPages(topic, { order: 'newest', limit, filter: parseFilter('value.even') })
      const shown = pages.flatMap(({ records }) => records)
      const wanted = recordsOf(topic).filter(({ offset }) => offset % 2 === 0)
      assert.deepEqual(shown.map(place).toSorted(), wanted.map(place).toSorted())
    }),
  )
})

test('a page that has searched enough ends, shows what it found, and the next goes on there', async () => {
  const log = Array.from({ length: 1_000 }, (_, offset) => ({ offset, timestamp: offset }))
  const filter = parseFilter('offset == 10 || offset == 990')
  const places = [{ partition: 0, at: 1_000, limit: 0 }]
  const budget = { records: 100, bytes: 1e9, ms: 1e9 }
  const page = await readPage(
    { order: 'newest', places, limit: 5, filter },
    reading([log]),
    systemClock,
    budget,
  )
  assert.equal(page.end, 'budget')
  assert.deepEqual(
    page.records.map(({ offset }) => offset),
    [990],
  )
  const at = page.next[0]!.at
  assert.ok(at < 990 && at > 10)
  assert.ok(page.scanned.records >= 100)
})
