import { messageOf } from '../../base/error.ts'
import { Cluster } from '../../client/cluster.ts'
import { linkError, nameOf } from '../errors.ts'
import type { SourcePort, TopicPartition } from '../port.ts'
import { SourceAdapter } from '../ports/source.ts'
import type { LinkSpec } from '../spec.ts'
import { readState } from '../state/store.ts'
import { comparePartition } from './partition.ts'
import { commonRange, type SideRange } from './range.ts'
import type { PartitionVerdict, VerifyProgress, VerifyReport } from './report.ts'

export type VerifyOptions = {
  /** Source topics to look at; all mirrors of the link when left out. */
  readonly topics?: readonly string[]
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: VerifyProgress) => void
}

/** Partitions compared at the same time. */
const AT_ONCE = 4

type Task = { readonly at: TopicPartition; readonly mirror: TopicPartition; readonly compacted: boolean }

/**
 * Compares what a read_committed reader gets on both sides of a link, partition by partition, up to where the mirror
 * stood when this began; the link may go on meanwhile.
 * @throws KmcError VERIFY_NOTHING, or what keeps a cluster from being reached.
 */
export async function verifyLink(spec: LinkSpec, options: VerifyOptions = {}): Promise<VerifyReport> {
  const startedAt = Date.now()
  const source = await Cluster.connect(spec.source)
  try {
    const destination = await Cluster.connect(spec.destination)
    try {
      const sides = { source: new SourceAdapter(source), mirror: new SourceAdapter(destination) }
      await sides.mirror.refresh()
      const tasks = await findTasks(spec, destination, sides.source, options.topics)
      const partitions = await compareAll(tasks, sides, options)
      return {
        link: spec.name,
        equal: partitions.every((verdict) => verdict.equal),
        records: partitions.reduce((sum, verdict) => sum + verdict.records, 0),
        partitions,
        startedAt,
        finishedAt: Date.now(),
      }
    } finally {
      await destination.close()
    }
  } finally {
    await source.close()
  }
}

async function findTasks(
  spec: LinkSpec,
  destination: Cluster,
  source: SourceAdapter,
  topics: readonly string[] | undefined,
): Promise<Task[]> {
  const state = await readState(destination)
  const mirrors = (state?.mirrors(spec.name) ?? [])
    .filter(({ topic }) => topics === undefined || topics.includes(topic))
    .sort((a, b) => a.topic.localeCompare(b.topic))
  if (mirrors.length === 0) {
    throw linkError('VERIFY_NOTHING', `link ${spec.name} has no mirror to compare`, {
      context: { link: spec.name },
    })
  }
  const configs = await source.configs(mirrors.map(({ topic }) => topic))
  const known = new Map((await source.topics()).map((topic) => [topic.name, topic]))
  return mirrors.flatMap(({ topic, mirror }) => {
    const compacted = (configs.get(topic)?.['cleanup.policy'] ?? '').includes('compact')
    return Array.from({ length: known.get(topic)?.partitions ?? 0 }, (_, partition) => ({
      at: { topic, partition },
      mirror: { topic: mirror, partition },
      compacted,
    }))
  })
}

type Sides = { readonly source: SourcePort; readonly mirror: SourcePort }

async function compareAll(
  tasks: readonly Task[],
  sides: Sides,
  options: VerifyOptions,
): Promise<PartitionVerdict[]> {
  const verdicts: PartitionVerdict[] = []
  let records = 0
  const tell = () => {
    options.onProgress?.({ partitionsDone: verdicts.length, partitions: tasks.length, records })
  }
  const queue = [...tasks]
  const work = async () => {
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
      const verdict = await compareOne(task, sides, options.signal, (count) => {
        records += count / 2
        tell()
      })
      verdicts.push(verdict)
      tell()
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return verdicts.sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition)
}

async function compareOne(
  task: Task,
  sides: Sides,
  signal: AbortSignal | undefined,
  onRecords: (count: number) => void,
): Promise<PartitionVerdict> {
  const names = { topic: task.at.topic, mirror: task.mirror.topic, partition: task.at.partition }
  try {
    const mirrorRange = await rangeOf(sides.mirror, task.mirror)
    const { from, to, aheadAt } = commonRange(mirrorRange, await rangeOf(sides.source, task.at))
    const outcome = await comparePartition({
      source: { port: sides.source, at: task.at },
      mirror: { port: sides.mirror, at: task.mirror },
      from,
      to,
      compacted: task.compacted,
      onRecords,
      ...(signal === undefined ? {} : { signal }),
    })
    const compared = { ...names, from, to, ...outcome, problem: null }
    if (aheadAt === null) return compared
    return { ...compared, equal: false, firstDifference: outcome.firstDifference ?? aheadAt }
  } catch (error) {
    signal?.throwIfAborted()
    return { ...names, ...NOT_COMPARED, problem: messageOf(error) }
  }
}

async function rangeOf(port: SourcePort, at: TopicPartition): Promise<SideRange> {
  const node = port.leaderOf(at)
  const [range] = node === null ? [] : await port.ranges(node, [at])
  if (range === undefined || range.errorCode !== 0) {
    throw linkError('VERIFY_READ_FAILED', `${nameOf(at)} has no leader that answers`, { context: at })
  }
  return range
}

const NOT_COMPARED = {
  from: 0,
  to: 0,
  compared: 'records',
  records: 0,
  equal: false,
  firstDifference: null,
  sourceDigest: '',
  mirrorDigest: '',
} as const
