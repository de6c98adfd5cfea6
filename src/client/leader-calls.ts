import type { Cluster } from './cluster.ts'
import { KafkaError } from './errors.ts'
import { fanOut } from './fan-out.ts'
import { failed, type Outcome, succeeded } from './outcome.ts'
import { partitionName, type TopicPartition } from './partition.ts'
import { type CallOptions, retryingItems, type Try } from './retry.ts'

type Answer = { readonly errorCode: number; readonly message?: string | null }
type Limits = { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined }

export type LeaderCall<Item, Result> = CallOptions & {
  /** For errors, before the partition's name: `offset` of orders-3. */
  readonly what: string
  /** Items of different kinds go in different requests. */
  readonly kindOf?: (item: Item) => string
  /** Asks one broker about partitions that it leads, each at most once; one answer per item, in order. */
  readonly ask: (
    node: number,
    items: readonly Item[],
    limits: Limits,
  ) => Promise<readonly (Result & Answer)[]>
}

/**
 * Asks the leaders of many partitions, in parallel, and again while leaders move or a retry can help otherwise. One
 * outcome per item, in order.
 */
export function perLeader<Item extends TopicPartition, Result>(
  cluster: Cluster,
  items: readonly Item[],
  call: LeaderCall<Item, Result>,
): Promise<Outcome<Result>[]> {
  const limits = cluster.limitsOf(call)
  return retryingItems(items, { what: call.what, ...limits }, async (pending, current) => {
    await findLeaders(cluster, pending, current, call.signal)
    const outcomes = await fanOut(byLeader(cluster, pending, call), async (node, part) => {
      const answers = await call.ask(node, part, { ...limits, timeoutMs: current.remainingMs })
      return part.map((item, at) => read(answers[at]!, item, call.what))
    })
    return pending.map(
      (item) => outcomes.get(item) ?? failed(cluster.leaderMissing(item.topic, item.partition)),
    )
  })
}

async function findLeaders(
  cluster: Cluster,
  items: readonly TopicPartition[],
  { number, remainingMs }: Try,
  signal: AbortSignal | undefined,
): Promise<void> {
  const stale = items.filter(
    ({ topic, partition }) => number > 0 || cluster.metadata.leaderOf(topic, partition) === null,
  )
  const topics = [...new Set(stale.map(({ topic }) => topic))]
  if (topics.length > 0) await cluster.refresh(topics, { timeoutMs: remainingMs, signal })
}

/** Requests to send: a leader, and items of one kind without a partition twice. */
function byLeader<Item extends TopicPartition, Result>(
  cluster: Cluster,
  items: readonly Item[],
  { kindOf }: LeaderCall<Item, Result>,
): Iterable<[number, Item[]]> {
  const requests = new Map<string, [number, Item[]]>()
  const copies = new Map<string, number>()
  for (const item of items) {
    const leader = cluster.metadata.leaderOf(item.topic, item.partition)
    if (leader === null) continue
    const kind = `${leader} ${kindOf?.(item) ?? ''}`
    const name = `${kind} ${partitionName(item)}`
    const copy = copies.get(name) ?? 0
    copies.set(name, copy + 1)
    const request = requests.get(`${kind} ${copy}`)
    if (request === undefined) requests.set(`${kind} ${copy}`, [leader, [item]])
    else request[1].push(item)
  }
  return requests.values()
}

function read<Result>(answer: Result & Answer, item: TopicPartition, what: string): Outcome<Result> {
  if (answer.errorCode === 0) return succeeded(answer)
  return failed(new KafkaError(answer.errorCode, `${what} of ${partitionName(item)}`, answer.message))
}
