import type { Cluster } from './cluster.ts'
import type { WaitOptions } from './connection-pool.ts'
import type { CoordinatorKind } from './coordinators.ts'
import { fanOut } from './fan-out.ts'
import { type Outcome, unwrap } from './outcome.ts'
import { type CallOptions, retryingItems } from './retry.ts'

export type CoordinatorCall<Item, T> = CallOptions & {
  /** For errors: what is being done. */
  readonly what: string
  readonly kind: CoordinatorKind
  /** The group or transactional id of an item. */
  readonly keyOf: (item: Item) => string
  /** Asks one broker about items that it coordinates; one outcome per item, in order. */
  readonly ask: (node: number, items: readonly Item[], limits: WaitOptions) => Promise<Outcome<T>[]>
}

/**
 * Asks the coordinators of many groups or transactional ids, in parallel, and again while they move, load, or a retry
 * can help otherwise. One outcome per item, in order.
 */
export function perCoordinator<Item, T>(
  cluster: Cluster,
  items: readonly Item[],
  { kind, keyOf, ask, ...call }: CoordinatorCall<Item, T>,
): Promise<Outcome<T>[]> {
  const limits = cluster.limitsOf(call)
  return retryingItems(items, { ...call, ...limits }, async (pending, { number, remainingMs: timeoutMs }) => {
    const rest = { ...limits, timeoutMs }
    if (number > 0) for (const item of pending) cluster.forgetCoordinator(kind, keyOf(item))
    const nodes = await cluster.coordinators(kind, pending.map(keyOf), rest)
    const nodeOf = new Map(pending.map((item, at) => [item, nodes[at]!]))
    const found = pending.filter((item) => nodeOf.get(item)!.ok)
    const byNode = Map.groupBy(found, (item) => unwrap(nodeOf.get(item)!))
    const outcomes = await fanOut(byNode, (node, part) => ask(node, part, rest))
    return pending.map((item) => outcomes.get(item) ?? (nodeOf.get(item) as Outcome<never>))
  })
}
