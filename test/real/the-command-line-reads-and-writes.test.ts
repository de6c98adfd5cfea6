import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { NEWEST, OLDEST, startClusters, type TestCluster } from '../harness/clusters.ts'
import { JavaClient } from '../harness/java/client.ts'
import { type KmcResult, kmcOk, kmc as run, type Surroundings, startKmc } from '../harness/kmc.ts'
import { bytesOf, codecs, inOrder, type SeenRecord } from '../harness/records.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'

/** What kmc writes other clients read, and what they write kmc reads; a broken cluster stays alone with its trouble. */

const { clusters, stop } = await startClusters({
  secure: { kafka: NEWEST, security: true },
  old: { kafka: OLDEST },
})
const { secure, old } = clusters
const java = await JavaClient.start()
const directory = temporaryDirectory('command-line')
/** Takes connections and never says a word, as a machine that was cut off. */
const silent = createServer(() => undefined)
await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done))

after(async () => {
  silent.close()
  await java.close()
  await stop()
})

const { user, caFile } = secure.access
writeFileSync(
  join(directory, 'fleet.yaml'),
  JSON.stringify({
    fleet: 'words',
    clusters: {
      secure: {
        bootstrap: secure.access.bootstrap,
        tls: { ca: `file:${caFile}` },
        sasl: { mechanism: user!.mechanism, username: user!.username, password: 'env:SECURE_PASSWORD' },
      },
      old: { bootstrap: old.access.bootstrap },
      silent: { bootstrap: [`127.0.0.1:${(silent.address() as AddressInfo).port}`] },
    },
  }),
)
const environment = { SECURE_PASSWORD: user!.password }

function where(input = ''): Surroundings {
  return { directory, environment, input }
}

function kmc(words: string): Promise<KmcResult> {
  return run(where(), ...words.split(' '))
}

function succeed(words: string, input = ''): Promise<string> {
  return kmcOk(where(input), ...words.split(' '))
}

type JsonRecord = Omit<SeenRecord, 'headers' | 'timestampType'> & {
  readonly headers: readonly { readonly key: string; readonly value: string | null }[]
}

/** All records of a topic as `kmc consume` shows them, in the form of the other clients. */
async function consumed(topic: string, cluster: string, more = ''): Promise<SeenRecord[]> {
  const words = `consume ${topic} --cluster ${cluster} -e -o json --encoding base64${more}`
  const lines = (await succeed(words)).split('\n').filter((line) => line !== '')
  return inOrder(lines.map(seen))
}

function seen(line: string): SeenRecord {
  const { partition, offset, timestamp, key, value, headers } = JSON.parse(line) as JsonRecord
  const pairs = headers.map((header) => [header.key, header.value] as const)
  return { partition, offset, timestamp, timestampType: null, key, value, headers: pairs }
}

function withoutType(records: readonly SeenRecord[]): SeenRecord[] {
  return inOrder(records).map((record) => ({ ...record, timestampType: null }))
}

async function create(cluster: TestCluster, topic: string, partitions = 3): Promise<void> {
  await succeed(
    `topic create ${topic} --cluster ${cluster.name} --partitions ${partitions} -c retention.ms=-1`,
  )
}

const odd = [
  { partition: 0, timestamp: 1_700_000_000_000, key: bytesOf('k'), value: bytesOf('v') },
  { partition: 0, timestamp: 1_700_000_000_001, key: null, value: null },
  { partition: 1, timestamp: 1_700_000_000_002, key: '', value: '' },
  {
    partition: 1,
    timestamp: 1_700_000_000_003,
    key: '//79',
    value: 'AP+AAA==',
    headers: [['bytes', '//79']] as const,
  },
  {
    partition: 2,
    timestamp: 1_700_000_000_004,
    key: bytesOf('주문'),
    value: bytesOf('two\nlines'),
    headers: [['null', null]] as const,
  },
]

for (const cluster of [secure, old]) {
  test(`${cluster.name}: what Java wrote in every codec is read to the byte, and copied to the byte`, async () => {
    await create(cluster, 'odd')
    await create(cluster, 'copy')
    for (const codec of codecs) await java.produce(cluster.access, 'odd', odd, { codec })
    const theirs = withoutType(await java.read(cluster.access, 'odd'))
    assert.equal(theirs.length, odd.length * codecs.length)
    assert.deepEqual(await consumed('odd', cluster.name), theirs)
    const lines = await succeed(`consume odd --cluster ${cluster.name} -e -o json`)
    await succeed(`produce copy --cluster ${cluster.name} --format json --compression zstd`, lines)
    assert.deepEqual(withoutType(await java.read(cluster.access, 'copy')), theirs)
  })

  test(`${cluster.name}: lines go where they were told`, async () => {
    await create(cluster, 'lines')
    // The codecs are the same whichever broker takes them.
    const tried = cluster === secure ? codecs : (['zstd'] as const)
    for (const codec of tried) {
      const words = `produce lines --cluster ${cluster.name} -K : -H from=kmc -p 2 --compression ${codec}`
      const report = await succeed(`${words} --empty-as-null -o json`, `${codec}:1\n${codec}:\n`)
      assert.equal((JSON.parse(report) as { records: number }).records, 2)
    }
    const records = await java.read(cluster.access, 'lines')
    const wanted = tried.flatMap((codec) => [
      [2, bytesOf(codec), bytesOf('1'), [['from', bytesOf('kmc')]]],
      [2, bytesOf(codec), null, [['from', bytesOf('kmc')]]],
    ])
    assert.deepEqual(
      records.map(({ partition, key, value, headers }) => [partition, key, value, headers]),
      wanted,
    )
  })

  test(`${cluster.name}: records of aborted transactions are shown to nobody who reads committed`, async () => {
    await create(cluster, 'settled', 1)
    await java.open(cluster.access, 'teller', { transactionalId: `teller-${cluster.name}` })
    for (let run = 0; run < 12; run += 1) {
      await java.transaction('teller', 'begin')
      await java.send('teller', 'settled', [{ partition: 0, value: bytesOf(`${run}`) }])
      await java.transaction('teller', run % 3 === 0 ? 'commit' : 'abort')
    }
    await java.closeProducer('teller')
    const wanted = ['0', '3', '6', '9'].map(bytesOf)
    const values = (records: readonly SeenRecord[]) => records.map(({ value }) => value)
    assert.deepEqual(values(await consumed('settled', cluster.name)), wanted)
    assert.deepEqual(values(await consumed('settled', cluster.name, ' --group settled')), wanted)
    assert.equal((await consumed('settled', cluster.name, ' --isolation read_uncommitted')).length, 12)
  })

  test(`${cluster.name}: a group goes on at the exact record, from kmc to Java and back`, async () => {
    await create(cluster, 'shared', 1)
    const numbers = Array.from({ length: 30 }, (_, index) => `${index}\n`).join('')
    await succeed(`produce shared --cluster ${cluster.name}`, numbers)
    const values = (records: readonly SeenRecord[]) =>
      records.map(({ value }) => Number(Buffer.from(value!, 'base64')))
    const first = await consumed('shared', cluster.name, ' --group turns -n 10')
    const second = await java.consume(cluster.access, 'turns', ['shared'], { count: 10 })
    const third = await consumed('shared', cluster.name, ' --group turns')
    assert.deepEqual(
      [first, second, third].map(values),
      [0, 10, 20].map((from) => Array.from({ length: 10 }, (_, i) => from + i)),
    )
    const [group] = JSON.parse(await succeed(`group describe turns --cluster ${cluster.name} -o json`))
    assert.deepEqual(group.offsets, [
      { topic: 'shared', partition: 0, offset: 30, end: 30, lag: 0, metadata: null },
    ])
  })
}

test('two members share a topic, and between them see every record once', async () => {
  await create(secure, 'crowd', 6)
  const words = 'consume crowd --cluster secure --group crowd -o json'.split(' ')
  const members = [1, 2].map(() => startKmc(where(), ...words))
  const [, described] = [await awaitMembers('crowd', 2), await describeGroup('crowd')]
  const shares = described.members.map(
    ({ assignment }) => assignment.flatMap(({ partitions }) => partitions).length,
  )
  assert.deepEqual(shares, [3, 3])
  const keyed = Array.from({ length: 600 }, (_, index) => `${index}:${index}\n`).join('')
  await succeed('produce crowd --cluster secure -K :', keyed)
  const printed = () => members.flatMap((member) => member.printed().trim().split('\n'))
  await waitUntil('all records are seen', () => printed().length >= 600, { withinMs: PATIENCE_MS })
  for (const member of members) member.kill('SIGINT')
  const ended = await Promise.all(members.map((member) => member.ended))
  assert.deepEqual(
    ended.map(({ code }) => code),
    [0, 0],
  )
  const values = printed().map((line) => Number((JSON.parse(line) as { value: string }).value))
  assert.deepEqual(
    values.sort((a, b) => a - b),
    Array.from({ length: 600 }, (_, index) => index),
  )
  assert.ok((await describeGroup('crowd')).offsets.every(({ lag }) => lag === 0))
})

type DescribedGroup = {
  readonly state: string
  readonly members: readonly { readonly assignment: readonly { readonly partitions: readonly number[] }[] }[]
  readonly offsets: readonly { readonly lag: number | null }[]
}

async function describeGroup(group: string): Promise<DescribedGroup> {
  return JSON.parse(await succeed(`group describe ${group} --cluster secure -o json`))[0] as DescribedGroup
}

async function awaitMembers(group: string, count: number): Promise<void> {
  const isThere = async () => {
    const { code, stdout } = await kmc(`group describe ${group} --cluster secure -o json`)
    const [described] = code === 0 ? (JSON.parse(stdout) as DescribedGroup[]) : []
    return described?.state === 'Stable' && described.members.length === count
  }
  await waitUntil(`group ${group} has ${count} members`, isThere, { withinMs: PATIENCE_MS })
}

test('reading begins at a time, at an offset, at the last few, and stops after a count', async () => {
  await create(old, 'begin', 1)
  const records = Array.from({ length: 10 }, (_, index) => ({
    partition: 0,
    timestamp: 1_700_000_000_000 + index * 1000,
    value: bytesOf(`${index}`),
  }))
  await java.produce(old.access, 'begin', records)
  const offsets = async (more: string) => (await consumed('begin', 'old', more)).map(({ offset }) => offset)
  assert.deepEqual(await offsets(' --from 7'), [7, 8, 9])
  assert.deepEqual(await offsets(' --from -2'), [8, 9])
  assert.deepEqual(await offsets(' --from @1700000005001'), [6, 7, 8, 9])
  assert.deepEqual(await offsets(' --from 2023-11-14T22:13:28Z'), [8, 9])
  assert.deepEqual(await offsets(' --from end'), [])
  assert.deepEqual(await offsets(' -n 3'), [0, 1, 2])
  const beyond = await kmc('consume begin --cluster old --from 99')
  assert.equal(beyond.code, 1)
  assert.match(beyond.stderr, /holds offsets 0 to 9, not 99 \[OFFSET_GONE\]/)
})

test('a silent cluster is told of, and delays and fails no other', async () => {
  const { code, stdout, stderr } = await kmc('topic list -o json')
  assert.equal(code, 0)
  const named = new Set((JSON.parse(stdout) as { cluster: string }[]).map(({ cluster }) => cluster))
  assert.deepEqual([...named].sort(), ['old', 'secure'])
  const { error } = JSON.parse(stderr) as { error: { code: string; context: { cluster: string } } }
  // The code says that the others were not kept waiting.
  assert.deepEqual([error.code, error.context.cluster], ['CLUSTER_SLOW', 'silent'])
  const alone = await kmc('topic list --cluster silent')
  assert.equal(alone.code, 1)
})

test('cluster list shows every cluster with its state', async () => {
  const rows = JSON.parse(await succeed('cluster list -o json')) as {
    name: string
    bootstrap: string[]
    state: string
  }[]
  assert.deepEqual(
    rows.map(({ name, state }) => [name, state]),
    [
      ['secure', 'ready'],
      ['old', 'ready'],
      ['silent', 'unreachable'],
    ],
  )
  assert.deepEqual(rows[1]!.bootstrap, old.access.bootstrap)
})

test('a wrong password is named for what it is', async () => {
  const wrong = { directory, environment: { SECURE_PASSWORD: 'wrong-password' } }
  const { code, stderr } = await run(wrong, 'topic', 'list', '--cluster', 'secure')
  assert.equal(code, 1)
  assert.match(stderr, /\[AUTHENTICATION_FAILED\]\n {2}→ /)
  assert.doesNotMatch(stderr, /wrong-password/)
})

test('a topic is deleted only when that was confirmed', async () => {
  await create(old, 'doomed')
  const refused = await kmc('topic delete doomed --cluster old')
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /doomed \(3 partitions, 0 offsets\); nothing was done \[NOT_CONFIRMED\]/)
  await succeed('topic describe doomed --cluster old')
  await succeed('topic delete doomed --cluster old --yes')
  const isGone = async () => (await kmc('topic describe doomed --cluster old')).code === 1
  await waitUntil('the topic is gone', isGone, { withinMs: PATIENCE_MS })
})

test('the doctor finds what works and what does not', async () => {
  const { code, stdout } = await kmc('doctor -o json')
  assert.equal(code, 1)
  const { findings } = JSON.parse(stdout) as { findings: { check: string; state: string }[] }
  const states = new Map(findings.map(({ check, state }) => [check, state]))
  assert.deepEqual(
    ['java', 'fleet file', 'cluster secure', 'brokers of secure', 'clock of old', 'cluster silent'].map(
      (check) => states.get(check),
    ),
    ['ok', 'ok', 'ok', 'ok', 'ok', 'failed'],
  )
})
