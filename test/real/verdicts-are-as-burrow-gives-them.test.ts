import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { commitOffsets } from '../../src/client/admin/commit-offsets.ts'
import { Cluster } from '../../src/client/cluster.ts'
import { javaToolCommand } from '../../src/engine/kafka/java-tool.ts'
import { ClusterDoor } from '../../src/observe/cluster-door.ts'
import { ClusterWatch } from '../../src/observe/watch/cluster-watch.ts'
import { burrowRoutes } from '../../src/server/burrow/routes.ts'
import { BASE_PORT, OLDEST, startClusters, type TestCluster } from '../harness/clusters.ts'
import { TestFront } from '../harness/front.ts'
import { JavaClient } from '../harness/java/client.ts'
import { bytesOf } from '../harness/records.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { need } from '../kit/need.ts'

/**
 * Debian's Burrow 1.2.1 and a watch look at the same groups of the same cluster and judge alike. Newer Burrows are not
 * to be had, and this one cannot speak to Kafka 4; it needs a ZooKeeper for itself, which comes with Kafka 3.9.
 */

const ZOOKEEPER_PORT = BASE_PORT + 60
const BURROW_PORT = BASE_PORT + 61
const TOPIC = 'work'
/** A group for each verdict, and how its position moves with each step while four records a step are written. */
const steps: Readonly<Record<string, (step: number) => number | null>> = {
  'keeps-up': (step) => 100 + 4 * (step + 1),
  stopped: (step) => (step < 3 ? 10 + step : null),
  stalled: () => 10,
  rewound: (step) => (step < 4 ? 20 + step : step - 3),
  lagging: (step) => 10 + step,
  'catches-up': (step) => 10 + 6 * step,
}
const expected: Readonly<Record<string, string>> = {
  ...{
    'keeps-up': 'OK',
    stopped: 'STOP',
    stalled: 'STALL',
    rewound: 'REWIND',
    lagging: 'WARN',
    'catches-up': 'OK',
  },
}
/** Both look at the end of the log once a second. */
const LOOK_MS = 1_100
const STEPS_MAX = 30

const skip = await need('Burrow')
const children: ChildProcess[] = []

describe('Burrow and a watch judge alike', { skip }, () => {
  let stop: () => Promise<void>
  let one: TestCluster
  let java: JavaClient
  let watch: ClusterWatch
  let front: TestFront

  before(async () => {
    const started = await startClusters({ one: { kafka: OLDEST } })
    stop = started.stop
    one = started.clusters.one
    java = await JavaClient.start()
    await java.createTopics(one.access, [{ name: TOPIC, partitions: 1 }])
    await write(100)
    await startZookeeper()
    // Burrow ends as well when nobody has ever committed.
    await java.commitPositions(one.access, 'first', TOPIC, { 0: 1 })
    startBurrow()
    const door = new ClusterDoor({ name: 'one', access: async () => one.config })
    const pace = { everyMs: 1_000, slowlyMs: 60_000, commitsMs: 100, useMs: 10_000 }
    watch = ClusterWatch.start(door, { pace })
    const watches = { view: () => watch.view(), all: () => [watch.view()] }
    front = await TestFront.start(burrowRoutes, [one], { watches })
  })

  after(async () => {
    await front?.[Symbol.asyncDispose]()
    await watch?.[Symbol.asyncDispose]()
    for (const child of children) child.kill('SIGKILL')
    await java?.close()
    await stop?.()
  })

  async function write(count: number): Promise<void> {
    const records = Array.from({ length: count }, (_, at) => ({ partition: 0, value: bytesOf(`work ${at}`) }))
    await java.produce(one.access, TOPIC, records)
  }

  async function startZookeeper(): Promise<void> {
    const directory = temporaryDirectory('zookeeper')
    const config = join(directory, 'zoo.cfg')
    writeFileSync(config, `dataDir=${directory}\nclientPort=${ZOOKEEPER_PORT}\nadmin.enableServer=false\n`)
    const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain'
    const { file, args, env } = await javaToolCommand(OLDEST, main, [config], { heapMiB: 64 })
    children.push(
      spawn(file, args, { stdio: 'ignore', cwd: directory, ...(env === undefined ? {} : { env }) }),
    )
    // Burrow ends when it is not there.
    await waitUntil('ZooKeeper listens', () => isListening(ZOOKEEPER_PORT), { withinMs: PATIENCE_MS })
  }

  function isListening(port: number): Promise<boolean> {
    const socket = connect(port, '127.0.0.1')
    return new Promise((resolve) => {
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    }).finally(() => socket.destroy()) as Promise<boolean>
  }

  function startBurrow(): void {
    const directory = temporaryDirectory('burrow')
    mkdirSync(join(directory, 'log'))
    const server = `servers=[ "${one.config.bootstrap[0]}" ]`
    const kafka = `class-name="kafka"\n${server}\nclient-profile="p"`
    writeFileSync(
      join(directory, 'burrow.toml'),
      [
        `[general]\npidfile="${directory}/pid"`,
        `[logging]\nfilename="${directory}/log/burrow.log"\nlevel="info"`,
        `[zookeeper]\nservers=[ "127.0.0.1:${ZOOKEEPER_PORT}" ]\ntimeout=6\nroot-path="/burrow"`,
        '[client-profile.p]\nclient-id="burrow"\nkafka-version="2.1.0"',
        `[cluster.one]\n${kafka}\ntopic-refresh=10\noffset-refresh=1`,
        `[consumer.one]\ncluster="one"\n${kafka}\nstart-latest=false`,
        `[httpserver.default]\naddress="127.0.0.1:${BURROW_PORT}"`,
        '[storage.default]\nclass-name="inmemory"\nintervals=10\nexpire-group=604800\nmin-distance=0',
        '[evaluator.default]\nclass-name="caching"\nexpire-cache=1',
      ].join('\n\n'),
    )
    const options = { cwd: directory, stdio: 'ignore' } as const
    children.push(spawn('Burrow', ['--config-dir', directory], options))
  }

  type BurrowStatus = { status: string; partitions: { status: string; current_lag: number }[] }

  async function burrow(group: string): Promise<BurrowStatus | null> {
    const url = `http://127.0.0.1:${BURROW_PORT}/v3/kafka/one/consumer/${group}/lag`
    const answer = (await (await fetch(url)).json()) as { error: boolean; status: BurrowStatus }
    return answer.error ? null : answer.status
  }

  /** Whether the last looks at the log's end, by both, found it there. */
  async function seeEnd(end: number): Promise<boolean> {
    const answer = await fetch(`http://127.0.0.1:${BURROW_PORT}/v3/kafka/one/topic/${TOPIC}`)
    const theirs = (await answer.json()) as { readonly offsets?: readonly number[] }
    const ours = watch.view().groups.value?.groups.get('first')?.partitions[0]?.end ?? 0
    return ours >= end && (theirs.offsets?.[0] ?? 0) >= end
  }

  type Said = Record<string, readonly unknown[]>

  /** What both say of each group, a word for the group and one for its partition. */
  async function said(): Promise<{ readonly burrow: Said; readonly kmc: Said }> {
    const names = Object.keys(steps)
    const theirs = await Promise.all(names.map(burrow))
    const ours = names.map((name) => watch.view().groups.value?.groups.get(name))
    const pick = (list: readonly (readonly unknown[])[]): Said =>
      Object.fromEntries(names.map((name, at) => [name, list[at]!]))
    return {
      burrow: pick(
        theirs.map((one) => [one?.status, one?.partitions[0]?.status, one?.partitions[0]?.current_lag]),
      ),
      kmc: pick(
        ours.map((one) => [one?.verdict, one?.partitions[0]?.verdict, one?.partitions[0]?.lag.records]),
      ),
    }
  }

  test('of groups that keep up, catch up, lag, stall, stop and go back', async () => {
    await using cluster = await Cluster.connect(one.config)
    const commit = async (group: string, offset: number) => {
      const offsets = [{ topic: TOPIC, partition: 0, offset, leaderEpoch: -1, metadata: '' }]
      await commitOffsets(cluster, [{ groupId: group, offsets }])
    }
    // Burrow takes commits in only of topics whose end it has seen.
    await waitUntil('Burrow answers', () => burrow('nobody').then(() => true), { withinMs: PATIENCE_MS })
    await commit('first', 1)
    await waitUntil('Burrow sees commits', () => burrow('first'), { withinMs: PATIENCE_MS })
    const positions = new Map<string, number>()
    const left = new Map(Object.entries(expected))
    let last: Awaited<ReturnType<typeof said>> | null = null
    for (let step = 0; step < STEPS_MAX && left.size > 0; step++) {
      await write(4)
      await waitUntil('both have seen where the log ends', () => seeEnd(104 + 4 * step), {
        withinMs: PATIENCE_MS,
      })
      for (const [group, moves] of Object.entries(steps)) {
        const offset = moves(step)
        if (offset === null) continue
        await commit(group, offset)
        positions.set(group, offset)
      }
      const sawAll = async () => {
        last = await said()
        return [...positions].every(([group, offset]) => {
          const lag = Math.max(0, 104 + 4 * step - offset)
          return last?.burrow[group]?.[2] === lag && last.kmc[group]?.[2] === lag
        })
      }
      await waitUntil('both have seen the commits', sawAll, { withinMs: PATIENCE_MS })
      // Burrow's commits of one moment would have no time between them.
      await sleep(LOOK_MS)
      last = await said()
      for (const [group, verdict] of left) {
        const ours = last.kmc[group]!
        if (ours[1] === verdict && isDeepStrictEqual(last.burrow[group], ours)) left.delete(group)
      }
    }
    assert.deepEqual([...left], [], JSON.stringify(last))
  })

  const groups = [...Object.keys(steps), 'nobody']
  const paths = [
    '/v3/kafka',
    '/v3/kafka/one/topic',
    `/v3/kafka/one/topic/${TOPIC}`,
    `/v3/kafka/one/topic/${TOPIC}/consumers`,
    '/v3/kafka/one/consumer',
    ...groups.flatMap((group) =>
      ['', '/status', '/lag'].map((word) => `/v3/kafka/one/consumer/${group}${word}`),
    ),
    '/v3/kafka/nowhere/topic',
    '/v3/config/cluster',
    '/v3/config/evaluator',
    '/burrow/admin',
  ]
  for (const path of paths) {
    test(`${path} is answered alike`, async () => {
      let last: unknown[] = []
      const alike = async () => {
        const theirs = await fetch(`http://127.0.0.1:${BURROW_PORT}${path}`)
        const text = await theirs.text()
        const ours = await front.ask<unknown>(path)
        const word = text.startsWith('{') ? comparable(JSON.parse(text)) : text
        last = [theirs.status, word, ours.status, comparable(ours.body)]
        return last[0] === last[2] && isDeepStrictEqual(last[1], last[3])
      }
      try {
        await waitUntil('both say the same', alike, { withinMs: 20_000 })
      } catch {
        assert.equal(last.length, 4, 'one of them does not answer')
        assert.deepEqual([last[2], last[3]], [last[0], last[1]])
      }
    })
  }
})

/**
 * What two answers have in common whoever gives them: lists without an order in that of their names; of commits not how
 * far behind they were, as the two look at different moments; and not the words of an error.
 */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) {
    const all = value.map(comparable)
    return all.every((one) => typeof one === 'string') ? all.toSorted() : all
  }
  if (typeof value !== 'object' || value === null) return value
  const isCommit = 'offset' in value && 'timestamp' in value
  const isError = 'error' in value && value.error === true
  const entries = Object.entries(value).filter(
    ([key]) => !(isCommit && (key === 'lag' || key === 'observedAt')) && !(isError && key === 'message'),
  )
  return Object.fromEntries(entries.map(([key, part]) => [key, comparable(part)]))
}
