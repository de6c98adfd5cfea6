import type { KmcError } from '../base/error.ts'
import type { Cluster } from './cluster.ts'
import type { WaitOptions } from './connection-pool.ts'
import { isClientError } from './errors.ts'
import { outcomeOf } from './outcome.ts'
import { type CallOptions, retrying } from './retry.ts'

/** What each broker answered, and which brokers could not be asked: what they know is missing from the whole. */
export type BrokerAnswers<T> = {
  readonly answers: readonly { readonly node: number; readonly value: T }[]
  readonly failures: readonly BrokerFailure[]
}

export type BrokerFailure = { readonly node: number; readonly error: KmcError }

type BrokerCall<T> = CallOptions & {
  readonly what: string
  /** Default: every broker of the cluster. */
  readonly nodes?: readonly number[] | undefined
  /** Throws for an error code in the answer. */
  readonly ask: (node: number, limits: WaitOptions) => Promise<T>
}

/**
 * Asks each broker for its part of what the cluster knows, in parallel, each again while a retry can help. A broker
 * that cannot be reached is reported at once: the others' answers should not wait for it.
 */
export async function perBroker<T>(
  cluster: Cluster,
  { what, nodes, ask, ...options }: BrokerCall<T>,
): Promise<BrokerAnswers<T>> {
  const limits = cluster.limitsOf(options)
  if (nodes === undefined) await cluster.refresh([], limits)
  const asked = nodes ?? cluster.metadata.brokers.map(({ nodeId }) => nodeId)
  const outcomes = await Promise.all(
    asked.map((node) =>
      outcomeOf(
        retrying({ what, ...limits, isFinal: isUnreachable }, ({ remainingMs: timeoutMs }) =>
          ask(node, { ...limits, timeoutMs }),
        ),
      ),
    ),
  )
  const answers = outcomes.flatMap((outcome, at) =>
    outcome.ok ? [{ node: asked[at]!, value: outcome.value }] : [],
  )
  const failures = outcomes.flatMap((outcome, at) =>
    outcome.ok ? [] : [{ node: asked[at]!, error: outcome.error }],
  )
  return { answers, failures }
}

function isUnreachable(error: KmcError): boolean {
  return isClientError(error, 'CONNECTION_REFUSED', 'CONNECT_TIMEOUT', 'HOST_UNKNOWN', 'NODE_UNKNOWN')
}
