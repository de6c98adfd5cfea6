import type { PlanFacts, ProducerFacts } from '../facts.ts'
import type { OpenTransaction, ProducerForecast } from '../plan.ts'

/** Who wrote in this time is writing. */
const WRITING_WITHIN_MS = 60_000
/** Markers of links carry producer ids from here on (`link/record`): they are no clients. */
const LINKS_FROM = 2 ** 52
/** A coordinator aborts a transaction that is open for too long, within seconds of its timeout. */
const ABORT_GRACE_MS = 30_000

/** Transactions that are open at the active cluster: a drain waits for each of them. */
export function openTransactions({ at, from }: PlanFacts): OpenTransaction[] {
  if (!from.told || !from.value.transactions.told) return []
  const open = from.value.transactions.value.filter(({ partitions }) => partitions.length > 0)
  return open.map(({ transactionalId, producerId, state, startedAt, timeoutMs, partitions }) => {
    const openMs = startedAt === null ? null : Math.max(0, at - startedAt)
    const hangs = openMs !== null && timeoutMs !== null && openMs > timeoutMs + ABORT_GRACE_MS
    return { transactionalId, producerId, state, openMs, hangs, partitions }
  })
}

/** Producers that write now. Where a route has no gateway, nobody comes through it. */
export function writingProducers(facts: PlanFacts): ProducerForecast[] {
  const { from, at, route } = facts
  if (!from.told || !from.value.producers.told) return []
  const isWriting = ({ producerId, lastAt }: ProducerFacts) =>
    producerId < LINKS_FROM && at - lastAt < WRITING_WITHIN_MS
  const byId = Map.groupBy(from.value.producers.value.filter(isWriting), ({ producerId }) => producerId)
  const transactions = from.value.transactions.told ? from.value.transactions.value : []
  const idOf = new Map(transactions.map((one) => [one.producerId, one.transactionalId]))
  return [...byId].map(([producerId, seen]) => ({
    producerId,
    transactionalId: idOf.get(producerId) ?? null,
    partitions: seen.map(({ topic, partition }) => `${topic}-${partition}`).sort(),
    lastAt: Math.max(...seen.map(({ lastAt }) => lastAt)),
    throughRoute: route.gateways.length === 0 ? false : null,
  }))
}
