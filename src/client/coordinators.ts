import { FindCoordinator } from '../wire/apis/010-find-coordinator.ts'
import { formatAddress } from './address.ts'
import type { Connection } from './connection.ts'
import { ClientError, KafkaError } from './errors.ts'
import { COORDINATORS_CACHED_MAX } from './limits.ts'
import { failed, type Outcome, succeeded } from './outcome.ts'
import { retryingItems } from './retry.ts'

/** What a coordinator coordinates; FindCoordinator's key types 0 and 1. */
export type CoordinatorKind = 'group' | 'transaction'

const keyTypes: Readonly<Record<CoordinatorKind, number>> = { group: 0, transaction: 1 }
/** From this version on one request asks for many keys (KIP-699). */
const BATCHED_FROM = 4

type Limits = { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined }

/** Finds and remembers which broker coordinates which group or transactional id. */
export class Coordinators {
  readonly #connect: (limits: Limits) => Promise<Connection>
  readonly #nodes = new Map<string, number>()

  /** `connect` gives a connection to any broker. */
  constructor(connect: (limits: Limits) => Promise<Connection>) {
    this.#connect = connect
  }

  /**
   * One outcome per key, in order; brokers are asked only for what is not remembered, and again while a retry can
   * help.
   */
  find(kind: CoordinatorKind, keys: readonly string[], limits: Limits): Promise<Outcome<number>[]> {
    const options = { what: `Finding the coordinators of ${keys.length} ${kind}s`, ...limits }
    return retryingItems(keys, options, async (pending, { remainingMs }) => {
      const unknown = pending.filter((key) => !this.#nodes.has(`${kind}/${key}`))
      const answers =
        unknown.length === 0 ? [] : await this.#ask(kind, unknown, { ...limits, timeoutMs: remainingMs })
      const outcomes = new Map(unknown.map((key, index) => [key, answers[index]!]))
      return pending.map((key) => outcomes.get(key) ?? succeeded(this.#nodes.get(`${kind}/${key}`)!))
    })
  }

  /** To be called when a broker says that it is not the coordinator (any more). */
  forget(kind: CoordinatorKind, key: string): void {
    this.#nodes.delete(`${kind}/${key}`)
  }

  async #ask(kind: CoordinatorKind, keys: readonly string[], limits: Limits): Promise<Outcome<number>[]> {
    const connection = await this.#connect(limits)
    const outcomes = await findCoordinators(connection, kind, keys, limits.timeoutMs)
    if (this.#nodes.size + keys.length > COORDINATORS_CACHED_MAX) this.#nodes.clear()
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.ok) this.#nodes.set(`${kind}/${keys[index]}`, outcome.value)
    }
    return outcomes
  }
}

type Answer = {
  readonly key: string
  readonly nodeId: number
  readonly errorCode: number
  readonly errorMessage: string | null
}

/** Asks one broker for the coordinators of some keys; one outcome per key, in order. */
async function findCoordinators(
  connection: Connection,
  kind: CoordinatorKind,
  keys: readonly string[],
  timeoutMs: number,
): Promise<Outcome<number>[]> {
  const answers = await ask(connection, kind, keys, timeoutMs)
  const nodes = new Map(answers.map((answer) => [answer.key, readAnswer(kind, answer)]))
  return keys.map((key) => nodes.get(key) ?? failed(leftOut(connection, kind, key)))
}

async function ask(
  connection: Connection,
  kind: CoordinatorKind,
  keys: readonly string[],
  timeoutMs: number,
): Promise<readonly Answer[]> {
  const keyType = keyTypes[kind]
  const version = connection.versions.pick(FindCoordinator)
  const options = { version, timeoutMs }
  if (version >= BATCHED_FROM) {
    return (await connection.send(FindCoordinator, { keyType, coordinatorKeys: [...keys] }, options))
      .coordinators
  }
  return Promise.all(
    keys.map(async (key) => ({
      ...(await connection.send(FindCoordinator, { keyType, key }, options)),
      key,
    })),
  )
}

function readAnswer(
  kind: CoordinatorKind,
  { key, nodeId, errorCode, errorMessage }: Answer,
): Outcome<number> {
  if (errorCode === 0) return succeeded(nodeId)
  return failed(new KafkaError(errorCode, `coordinator of ${kind} "${key}"`, errorMessage))
}

function leftOut(connection: Connection, kind: CoordinatorKind, key: string): ClientError {
  const where = formatAddress(connection.address)
  return new ClientError('INCOMPLETE_RESPONSE', `${where} left out the coordinator of ${kind} "${key}".`)
}
