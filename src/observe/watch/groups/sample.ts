import { describeGroups } from '../../../client/admin/describe-groups.ts'
import { type CommittedOffset, fetchOffsets } from '../../../client/admin/group-offsets.ts'
import { type GroupListing, listGroups } from '../../../client/admin/list-groups.ts'
import { fetchShareOffsets } from '../../../client/admin/share-offsets.ts'
import type { Cluster } from '../../../client/cluster.ts'
import { isKafkaError } from '../../../client/errors.ts'
import { listOffsets } from '../../../client/list-offsets.ts'
import type { Outcome } from '../../../client/outcome.ts'
import { troubleOf } from '../aged.ts'
import type { Breather } from '../breather.ts'
import type { GroupBook } from './book.ts'
import type { FollowedGroup } from './group.ts'
import type { PartitionLog } from './partition-log.ts'

/** Items of one call: an answer is read in one go, which must not hold up the process. */
const DESCRIBED_MAX = 100
const POSITIONED_MAX = 50
const LOGS_MAX = 2_000

type Limits = { readonly timeoutMs: number; readonly signal: AbortSignal }

export type Asking = {
  /** One use of the cluster, with its own time limit. */
  readonly use: <T>(run: (cluster: Cluster, limits: Limits) => Promise<T>) => Promise<T>
  readonly book: GroupBook
  readonly now: () => number
  readonly breather: Breather
}

export async function askList({ use, book, now }: Asking): Promise<GroupListing> {
  const askedAt = now()
  const listing = await use((cluster, limits) => listGroups(cluster, limits))
  book.listed(listing, askedAt)
  return listing
}

export async function askMembers({ use, book, now, breather }: Asking): Promise<void> {
  for (const groups of chunks(book.toDescribe(now()), DESCRIBED_MAX)) {
    const ids = groups.map(({ groupId }) => groupId)
    const outcomes = await use((cluster, limits) => describeGroups(cluster, ids, limits))
    for (const [at, group] of groups.entries()) {
      const outcome = outcomes[at]!
      if (outcome.ok) group.describe(outcome.value, now())
      else note(group, outcome, now())
      await breather.rest()
    }
  }
}

export async function askPositions({ use, book, now, breather }: Asking): Promise<void> {
  for (const groups of chunks(book.toPosition(now()), POSITIONED_MAX)) {
    const askedAt = now()
    const shares = groups.filter(({ listed }) => listed?.type === 'share')
    const others = groups.filter(({ listed }) => listed?.type !== 'share')
    const answers = await use(async (cluster, limits) => {
      const queries = others.map(({ groupId }) => ({ groupId }))
      const shareIds = shares.map(({ groupId }) => groupId)
      const [ofOthers, ofShares] = await Promise.all([
        queries.length === 0 ? [] : fetchOffsets(cluster, queries, limits),
        shareIds.length === 0 ? [] : fetchShareOffsets(cluster, shareIds, limits),
      ])
      return [...ofOthers, ...ofShares.map(asCommitted)]
    })
    for (const [at, group] of [...others, ...shares].entries()) {
      const outcome = answers[at]!
      // Share groups write their places to a topic of their own, which is not followed.
      const isPolled = book.isPolled || group.listed?.type === 'share'
      if (outcome.ok) group.positioned(outcome.value, { askedAt, now: now(), isPolled })
      else note(group, outcome, now())
      await breather.rest()
    }
  }
}

/** Where logs end, and where they begin when `withStarts`. */
export async function askEnds({ use, book, now, breather }: Asking, withStarts: boolean): Promise<void> {
  for (const logs of chunks(book.logs(), LOGS_MAX)) {
    const ask = (at: 'start' | 'end') =>
      use((cluster, limits) =>
        listOffsets(
          cluster,
          logs.map(({ topic, partition }) => ({ topic, partition, at })),
          limits,
        ),
      )
    const ends = await ask('end')
    const starts = withStarts ? await ask('start') : []
    for (const [at, log] of logs.entries()) {
      take(log, { end: ends[at]!, start: starts[at] }, now())
      await breather.rest()
    }
  }
}

type Answer = Outcome<{ readonly offset: number }>

/** A partition that cannot be asked (its topic is gone, it has no leader) keeps what was known. */
function take(
  log: PartitionLog,
  { end, start }: { end: Answer; start: Answer | undefined },
  at: number,
): void {
  if (start?.ok) log.began(start.value.offset)
  if (end.ok) log.ended(end.value.offset, at)
}

function asCommitted(
  outcome: Outcome<
    readonly { readonly topic: string; readonly partition: number; readonly offset: number }[]
  >,
): Outcome<readonly CommittedOffset[]> {
  if (!outcome.ok) return outcome
  return { ok: true, value: outcome.value.map((start) => ({ ...start, leaderEpoch: -1, metadata: null })) }
}

/** A group that is gone is gone from the next list. */
function note(group: FollowedGroup, outcome: Outcome<unknown>, at: number): void {
  if (outcome.ok || isKafkaError(outcome.error, 'GROUP_ID_NOT_FOUND')) return
  group.trouble = troubleOf(outcome.error, group.trouble?.since ?? at)
}

function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}
