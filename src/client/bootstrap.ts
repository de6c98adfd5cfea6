import { KmcError, messageOf } from '../base/error.ts'
import type { Address } from './address.ts'
import { formatAddress, parseAddress } from './address.ts'
import { ClientError } from './errors.ts'
import { BOOTSTRAP_STAGGER_MS } from './limits.ts'
import type { OpenedBroker } from './open-broker.ts'
import { type Loss, staggeredRace } from './staggered-race.ts'

type BootstrapOptions = {
  /** The cluster's name, for errors. */
  readonly name: string
  readonly addresses: readonly string[]
  readonly open: (address: Address, signal: AbortSignal) => Promise<OpenedBroker>
}

/**
 * The first of the bootstrap addresses to answer. Errors: ADDRESS_INVALID; what a broker that did answer objects to
 * (AUTHENTICATION_FAILED, TLS_UNTRUSTED, NOT_KAFKA, CLUSTER_ID_CHANGED), since no other address mends that;
 * else BOOTSTRAP_UNREACHABLE.
 */
export async function bootstrap({ name, addresses, open }: BootstrapOptions): Promise<OpenedBroker> {
  const result = await staggeredRace({
    candidates: addresses.map(parseAddress),
    attempt: open,
    discard: ({ connection }) => connection.close(),
    staggerMs: BOOTSTRAP_STAGGER_MS,
  })
  if ('won' in result) return result.won
  throw unreachable(name, result.losses)
}

/** The first error that another address or another time would not mend. */
export function decisiveError(losses: readonly Loss<unknown>[]): KmcError | undefined {
  for (const { error } of losses) if (error instanceof KmcError && !error.retriable) return error
  return undefined
}

function unreachable(name: string, losses: readonly Loss<Address>[]): KmcError {
  const decisive = decisiveError(losses)
  if (decisive !== undefined) return decisive
  const reasons = losses.map(({ candidate, error }) => ({
    address: formatAddress(candidate),
    why: messageOf(error),
  }))
  const list = reasons.map(({ address, why }) => `\n  ${address}: ${why}`).join('')
  const message =
    reasons.length === 0
      ? `Cluster ${name} has no bootstrap address.`
      : `Cluster ${name} cannot be reached at any of its bootstrap addresses:${list}`
  return new ClientError('BOOTSTRAP_UNREACHABLE', message, {
    cause: losses[0]?.error,
    context: { cluster: name, addresses: reasons },
  })
}
