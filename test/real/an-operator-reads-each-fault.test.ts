import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { MirrorDetail } from '../../src/cli/commands/mirror.ts'
import type { Fault } from '../../src/link/status.ts'
import { SmallDisk } from '../chaos/world/tmpfs.ts'
import { BASE_PORT, NEWEST, startClusters } from '../harness/clusters.ts'
import { kafkaTool } from '../harness/drivers/kafka-tools.ts'
import { JavaClient } from '../harness/java/client.ts'
import { kmc, kmcJson, kmcOk, nothingRuns } from '../harness/kmc.ts'
import { assertSameOnBothSides, awaitInStep, type Sides } from '../harness/links.ts'
import type { NewRecord } from '../harness/records.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { waitUntil } from '../harness/wait.ts'
import { numbered } from '../harness/workloads.ts'

/**
 * What happens to clusters on bad days, as an operator meets it: what `kmc mirror describe` says, the very command that
 * it prints, and both sides equal afterwards. `many` has three brokers on a small disk, `one` has one.
 */

const disk = SmallDisk.make(700)
const { clusters, stop } = await startClusters({
  many: {
    ...{ kafka: NEWEST, brokers: 3, crashesMax: 100, config: { 'unclean.leader.election.enable': 'false' } },
    ...(disk === null ? {} : { directory: join(disk.path, 'many') }),
  },
  one: { kafka: NEWEST },
})
const java = await JavaClient.start()
const { many, one } = clusters
const directory = temporaryDirectory('operator')
const SOON = { withinMs: 120_000, everyMs: 300 }
const INWARD = ['flow', 'overtaken', 'smaller', 'wider'] as const

before(async () => {
  const at = ({ access }: typeof one) => `{ bootstrap: ${JSON.stringify(access.bootstrap)} }`
  writeFileSync(
    join(directory, 'fleet.yaml'),
    `clusters: { many: ${at(many)}, one: ${at(one)} }
metrics: { port: ${BASE_PORT + 60} }
links:
  in: { from: one, to: many, topics: [${INWARD.join(', ')}] }
  out: { from: many, to: one, topics: [unclean] }
`,
  )
  const topics = INWARD.map((name) => ({ name, partitions: 2 }))
  await java.createTopics(one.access, topics)
  for (const { name } of topics) await java.produce(one.access, name, numbered(name, 40, 2))
  await kafkaTool(many.access, 'org.apache.kafka.tools.TopicCommand', [
    ...['--create', '--topic', 'unclean', '--replica-assignment', '2:3'],
    ...['--config', 'min.insync.replicas=1', '--config', 'unclean.leader.election.enable=true'],
  ])
  await java.produce(many.access, 'unclean', numbered('both have it', 10))
  await kmcOk(directory, 'up', '--detach')
  for (const { name } of topics) await awaitInStep(java, inward(name))
})

after(async () => {
  disk?.free()
  await kmc(directory, 'down')
  await nothingRuns(directory)
  await java.close()
  await stop()
  disk?.remove()
})

const inward = (topic: string): Sides => ({ source: one, destination: many, topic })
const outward = (topic: string): Sides => ({ source: many, destination: one, topic })
/** So many MiB of records that do not shrink. */
function large(mebibytes: number): NewRecord[] {
  return Array.from({ length: mebibytes * 16 }, (_, index) => {
    return { partition: index % 2, value: randomBytes(65_536).toString('base64') }
  })
}

const detailOf = (link: string, topic: string) =>
  kmcJson<MirrorDetail>(directory, 'mirror', 'describe', link, topic)

/** Waits for the fault; gives it with what a person reads. */
async function awaitFault(
  link: string,
  topic: string,
  code: string,
): Promise<{ readonly fault: Fault; readonly told: string }> {
  let seen: MirrorDetail | null = null
  const look = async () => {
    seen = await detailOf(link, topic)
    const faults = [seen.fault, ...seen.partitions.map((partition) => partition.fault)]
    return faults.find((fault) => fault?.code === code)
  }
  const fault = await waitUntil(`${code} of ${topic}`, look, { ...SOON, lastSeen: () => seen })
  const told = await kmcOk(directory, 'mirror', 'describe', link, topic)
  assert.ok(told.includes(`${code} since `), told)
  assert.doesNotMatch(told, /\b(LINK|TOPIC)\b/, 'names, no placeholders')
  return { fault, told }
}

/** Runs the command that `told` prints, and compares both sides. */
async function repairAsTold(told: string, sides: Sides, command: string): Promise<void> {
  assert.ok(told.includes(`  ${command}\n`), told)
  const { code, stderr } = await kmc(directory, ...command.split(' ').slice(1), '--yes')
  // What was cured is also tried again every half minute, which may have come first.
  if (!stderr.includes('there is nothing to repair')) assert.equal(code, 0, stderr)
  await awaitInStep(java, sides)
}

describe('some topics are in trouble', () => {
  before(async () => {
    await kmcOk(directory, 'mirror', 'pause', 'in', 'overtaken')
    await java.produce(one.access, 'overtaken', numbered('never seen', 60, 2))
    await java.deleteRecords(one.access, 'overtaken', { 0: 45 })
    await kmcOk(directory, 'mirror', 'resume', 'in', 'overtaken')
    await java.deleteTopics(one.access, ['smaller'])
    await java.createTopics(one.access, [{ name: 'smaller', partitions: 1 }])
    await java.produce(one.access, 'smaller', numbered('new life', 5))
    await java.addPartitions(many.access, 'wider', 4)
  })

  test('retention overtook the link: range and number, and the gap is accepted', async () => {
    const { fault, told } = await awaitFault('in', 'overtaken', 'RETENTION_OVERTOOK')
    assert.deepEqual([fault.evidence.from, fault.evidence.to, fault.evidence.lost], [20, 45, 25])
    assert.match(told, /offsets 20 to 44 \(25\) were deleted at the source/)
    await repairAsTold(told, inward('overtaken'), 'kmc mirror repair in overtaken accept-gap')
    const { receipts, fault: rest } = await detailOf('in', 'overtaken')
    assert.match(receipts[0]!.text, /accepted as lost: overtaken-0 offsets 20 to 44 \(25\)/)
    assert.equal(rest, null)
  })

  test('a source topic that was made again with fewer partitions', async () => {
    const { told } = await awaitFault('in', 'smaller', 'SOURCE_TOPIC_RECREATED')
    await repairAsTold(told, inward('smaller'), 'kmc mirror repair in smaller reseed')
    await assertSameOnBothSides(java, inward('smaller'))
  })

  test('a mirror that somebody gave more partitions than its source has', async () => {
    const { told } = await awaitFault('in', 'wider', 'MIRROR_PARTITIONS')
    await repairAsTold(told, inward('wider'), 'kmc mirror repair in wider reseed')
    await assertSameOnBothSides(java, inward('wider'))
  })
})

describe('the source elects a leader that lacks what was copied', () => {
  test('the offsets that only the mirror has are named, and a reseed makes it equal', async () => {
    await many.stopBroker(3)
    await java.produce(many.access, 'unclean', numbered('only broker 2 has it', 5))
    await awaitInStep(java, outward('unclean'))
    await many.stopBroker(2)
    await many.startBroker(3)
    const isElected = async () => (await java.describeTopic(many.access, 'unclean')).leaders[0] === 3
    await waitUntil('broker 3 leads', isElected, SOON)
    await java.produce(many.access, 'unclean', numbered('another history', 2))
    await many.startBroker(2)
    const { told } = await awaitFault('out', 'unclean', 'SOURCE_TRUNCATED')
    assert.match(told, /on the mirror only|is not what was copied/)
    await repairAsTold(told, outward('unclean'), 'kmc mirror repair out unclean reseed')
    await assertSameOnBothSides(java, outward('unclean'))
  })
})

describe('the destination cannot take records for a while', () => {
  test('two of three brokers are gone: it waits, says for what, and goes on by itself', async () => {
    await many.awaitWhole()
    for (const broker of [3, 2]) await many.stopBroker(broker)
    await java.produce(one.access, 'flow', numbered('while brokers are gone', 40, 2))
    const { told } = await awaitFault('in', 'flow', 'DESTINATION_BELOW_MIN_INSYNC')
    assert.match(told, /min\.insync\.replicas/)
    await many.awaitWhole()
    await awaitInStep(java, inward('flow'))
    await assertSameOnBothSides(java, inward('flow'))
  })

  test('its disk is full: it says so, and goes on once there is room', {
    skip: disk === null && 'a disk that can be filled takes Linux and root',
  }, async () => {
    await many.awaitWhole()
    disk!.fill()
    // More than fits into the pages that its files have begun.
    await java.produce(one.access, 'flow', large(4))
    let codes: unknown
    const says = async () => {
      const { fault, partitions } = await detailOf('in', 'flow')
      const found = [fault, ...partitions.map((partition) => partition.fault)].map((one) => one?.code)
      codes = found
      return found.some((code) => code?.startsWith('DESTINATION_') || code === 'STATE_UNREACHABLE')
    }
    await waitUntil('the link says that it stands', says, { ...SOON, lastSeen: () => codes })
    disk!.free()
    await many.awaitWhole()
    await awaitInStep(java, inward('flow'))
    await assertSameOnBothSides(java, inward('flow'))
  })
})
