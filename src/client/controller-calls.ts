import type { KmcError } from '../base/error.ts'
import type { Cluster } from './cluster.ts'
import type { WaitOptions } from './connection-pool.ts'
import { failed, type Outcome, outcomeOf } from './outcome.ts'
import { type CallOptions, retryingItems } from './retry.ts'

export type ControllerCall<Item, T> = CallOptions & {
  /** For errors: what is being done. */
  readonly what: string
  /**
   * Sends one request to node `controller`; one outcome per item, in order. `unsure` holds the items that an
   * earlier try of this call may have carried out, because its answer was lost.
   */
  readonly ask: (
    items: readonly Item[],
    limits: WaitOptions,
    unsure: ReadonlySet<Item>,
  ) => Promise<Outcome<T>[]>
}

/**
 * Asks the controller about items, and again while it moves or a retry can help otherwise. One outcome per item, in
 * order.
 */
export function atController<Item, T>(
  cluster: Cluster,
  items: readonly Item[],
  { ask, ...call }: ControllerCall<Item, T>,
): Promise<Outcome<T>[]> {
  const limits = cluster.limitsOf(call)
  const unsure = new Set<Item>()
  // The controller is where topics are made: one that it does not know is not new but missing.
  return retryingItems(
    items,
    { ...call, ...limits, retryUnknownTopics: false },
    async (pending, { number, remainingMs: timeoutMs }) => {
      if (number > 0) await cluster.refresh([], { ...limits, timeoutMs })
      const answers = await outcomeOf(ask(pending, { ...limits, timeoutMs }, unsure))
      const outcomes = answers.ok ? answers.value : pending.map(() => failed(answers.error))
      for (const [at, outcome] of outcomes.entries())
        if (!outcome.ok && mayHaveHappened(outcome.error)) unsure.add(pending[at]!)
      return outcomes
    },
  )
}

/** The request left and its answer did not come, or the broker itself stopped waiting. */
function mayHaveHappened({ context }: KmcError): boolean {
  return context.sent === true || context.kafkaName === 'REQUEST_TIMED_OUT'
}
