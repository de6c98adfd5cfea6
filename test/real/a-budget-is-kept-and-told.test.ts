import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { FleetStatus } from '../../src/fleet/run/fleet-status.ts'
import type { VerifyReport } from '../../src/link/verify/report.ts'
import type { Access } from '../harness/access.ts'
import { JavaClient } from '../harness/java/client.ts'
import { kmc, kmcJson, kmcOk, nothingRuns } from '../harness/kmc.ts'
import type { NewRecord } from '../harness/records.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { waitUntil } from '../harness/wait.ts'
import { numbered } from '../harness/workloads.ts'
import { type Family, parseExposition, sampleOf } from '../kit/exposition.ts'
import { isOnPath } from '../kit/need.ts'

/** A link under a limit keeps it, lets what matters go first, and its metrics say what Kafka itself says. */

const PORT = Number(process.env.KMC_TEST_PORT ?? 21_000)
const METRICS = PORT + 60
const MIB = 1024 * 1024
const LIMIT = MIB
/** Of the low topic; as many seconds it lasts, which has to be longer than a loaded machine takes for the tests. */
const BACKLOG_MIB = 45
const BACKLOG = BACKLOG_MIB * 64
const SOON = { withinMs: 90_000, everyMs: 200 }
const directory = temporaryDirectory('budget')
const seoul: Access = { name: 'seoul', bootstrap: [`127.0.0.1:${PORT}`] }
const virginia: Access = { name: 'virginia', bootstrap: [`127.0.0.1:${PORT + 20}`] }
let java: JavaClient

function writeFleet(keys: string): void {
  writeFileSync(
    join(directory, 'fleet.yaml'),
    `clusters: { seoul: { port: ${PORT} }, virginia: { port: ${PORT + 20} } }
metrics: { port: ${METRICS} }
links: { dr: { from: seoul, to: virginia, ${keys} } }
`,
  )
}

before(async () => {
  java = await JavaClient.start()
  writeFleet('limit: 1 MiB/s, priority: { high: high, low: low }')
  await kmcOk(directory, 'up', '--detach')
  await kmcOk(directory, 'link', 'pause', 'dr')
  const topics = ['low', 'high', 'live', 'tiny'].map((name) => ({ name, partitions: name === 'low' ? 2 : 1 }))
  await java.createTopics(seoul, topics)
  await java.produce(seoul, 'low', large(BACKLOG_MIB, 2), { codec: 'none' })
  await java.produce(seoul, 'high', large(2, 1), { codec: 'none' })
  await java.produce(seoul, 'tiny', numbered('tiny', 600), { flushEvery: 1 })
  await kmcOk(directory, 'link', 'resume', 'dr')
})

after(async () => {
  await java.close()
  await kmc(directory, 'down')
  await nothingRuns(directory)
})

/** So many MiB of records of 16 KiB, in turn on the partitions. */
function large(mib: number, partitions: number): NewRecord[] {
  const value = Buffer.alloc(16 * 1024, 'x').toString('base64')
  return Array.from({ length: mib * 64 }, (_, index) => ({ partition: index % partitions, value }))
}

type Scrape = { readonly at: number; readonly families: ReadonlyMap<string, Family> }

async function scrape(): Promise<Scrape> {
  const answer = await fetch(`http://127.0.0.1:${METRICS}/metrics`, { signal: AbortSignal.timeout(5_000) })
  assert.equal(answer.status, 200)
  return { at: Date.now(), families: parseExposition(await answer.text()) }
}

const ofLink = ({ families }: Scrape, name: string) => sampleOf(families, name, { link: 'dr' })

/** The sum over a topic's partitions; null as long as one is not known. */
function sumOf({ families }: Scrape, name: string, topic: string): number | null {
  const series = families.get(name)?.series.filter(({ labels }) => labels.topic === topic) ?? []
  return series.length === 0 ? null : series.reduce((sum, { value }) => sum + value, 0)
}

async function awaitScrape(what: string, isSo: (seen: Scrape) => boolean): Promise<Scrape> {
  return await waitUntil(
    what,
    async () => {
      const seen = await scrape()
      return isSo(seen) && seen
    },
    SOON,
  )
}

const isThere = (seen: Scrape, topic: string, end: number) =>
  sumOf(seen, 'kmc_link_partition_destination_end_offset', topic) === end

test('under a tight limit the high topic arrives while the low one is still on its way', async () => {
  const seen = await awaitScrape('topic high to be mirrored', (now) => isThere(now, 'high', 128))
  const low = sumOf(seen, 'kmc_link_partition_destination_end_offset', 'low') ?? 0
  assert.ok(low < BACKLOG, `${low} of ${BACKLOG} records of the low topic`)
})

test('over a window the limit is kept, and used', async () => {
  const first = await scrape()
  const last = await awaitScrape('six seconds of work', ({ at }) => at - first.at > 6_000)
  const seconds = (last.at - first.at) / 1_000
  const bytes = ofLink(last, 'kmc_link_fetched_bytes_total')! - ofLink(first, 'kmc_link_fetched_bytes_total')!
  // Workers report once a second, so what a scrape says may be of a moment before.
  assert.ok(bytes <= LIMIT * (seconds + 3) + MIB, `${bytes} bytes in ${seconds} s`)
  assert.ok(bytes >= LIMIT * Math.max(0, seconds - 3) * 0.5, `${bytes} bytes in ${seconds} s`)
  assert.equal(ofLink(last, 'kmc_link_limit_bytes_per_second'), LIMIT)
  assert.ok(ofLink(last, 'kmc_link_limited_seconds_total')! > 0)
  const [link] = (await kmcJson<FleetStatus>(directory, 'status')).links
  assert.equal(link!.budget?.bytesPerSecond, LIMIT)
})

test('a backlog does not starve the live tail', async () => {
  for (let count = 1; count <= 3; count++) {
    await java.produce(seoul, 'live', numbered(`live-${count}`, 1))
    const seen = await awaitScrape('a new record', (now) => isThere(now, 'live', count))
    assert.ok(sumOf(seen, 'kmc_link_partition_lag_records', 'low')! > 0, 'while the backlog is still there')
  }
})

test('small batches of a backlog went over merged', async () => {
  const seen = await awaitScrape('topic tiny to be mirrored', (now) => isThere(now, 'tiny', 600))
  assert.ok(ofLink(seen, 'kmc_link_merged_batches_total')! > 100)
})

test('a worker that hangs does not hold up the metrics, which tell of it', async () => {
  const [link] = (await kmcJson<FleetStatus>(directory, 'status')).links
  process.kill(link!.worker!.pid!, 'SIGSTOP')
  try {
    await awaitScrape('the age of the lag to grow', (now) => ofLink(now, 'kmc_link_lag_age_seconds')! > 4)
    assert.equal((await fetch(`http://127.0.0.1:${METRICS}/healthz`)).status, 200)
  } finally {
    process.kill(link!.worker!.pid!, 'SIGCONT')
  }
  await awaitScrape('the worker to tell again', (now) => ofLink(now, 'kmc_link_lag_age_seconds')! < 3)
})

test('without the limit the rest arrives, and the metrics say what Kafka says', async () => {
  writeFleet('priority: { high: high, low: low }')
  await kmcOk(directory, 'apply')
  const seen = await awaitScrape('everything to be mirrored', (now) => {
    return isThere(now, 'low', BACKLOG) && ofLink(now, 'kmc_link_lag_records') === 0
  })
  assert.equal(ofLink(seen, 'kmc_link_lag_seconds'), 0)
  assert.equal(ofLink(seen, 'kmc_link_limit_bytes_per_second'), undefined)
  assert.equal(sampleOf(seen.families, 'kmc_link_state', { link: 'dr', state: 'active' }), 1)
  for (const topic of ['low', 'high', 'live', 'tiny']) {
    for (const [partition, [, end]] of Object.entries(await java.ranges(seoul, topic))) {
      const labels = { link: 'dr', topic, partition }
      assert.equal(sampleOf(seen.families, 'kmc_link_partition_source_end_offset', labels), end)
    }
    for (const [partition, [, end]] of Object.entries(
      await java.ranges(virginia, topic, 'read_uncommitted'),
    )) {
      const labels = { link: 'dr', topic, partition }
      assert.equal(sampleOf(seen.families, 'kmc_link_partition_destination_end_offset', labels), end)
    }
  }
  const counted = ofLink(seen, 'kmc_link_written_records_total')!
  await java.produce(seoul, 'live', numbered('more', 25))
  await awaitScrape(
    '25 records more',
    (now) => ofLink(now, 'kmc_link_written_records_total') === counted + 25,
  )
  assert.equal((await fetch(`http://127.0.0.1:${METRICS}/readyz`)).status, 200)
})

test('promtool takes the metrics without a word', {
  skip:
    !isOnPath('promtool') &&
    "no promtool (Debian's package prometheus); the strict parser above reads them all",
}, async () => {
  const answer = await fetch(`http://127.0.0.1:${METRICS}/metrics`, { signal: AbortSignal.timeout(5_000) })
  const options = { input: await answer.text(), encoding: 'utf8' } as const
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], options)
  assert.deepEqual([status, stdout, stderr], [0, '', ''])
})

test('and both sides are equal', async () => {
  const reports = await kmcJson<VerifyReport | readonly VerifyReport[]>(directory, 'verify', 'dr')
  for (const report of [reports].flat()) assert.equal((report as VerifyReport).equal, true)
})
