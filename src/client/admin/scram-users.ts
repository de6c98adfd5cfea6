import { randomBytes } from 'node:crypto'
import type { Secret } from '../../base/secret.ts'
import { DescribeUserScramCredentials } from '../../wire/apis/050-describe-user-scram-credentials.ts'
import { AlterUserScramCredentials } from '../../wire/apis/051-alter-user-scram-credentials.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import type { Cluster } from '../cluster.ts'
import type { WaitOptions } from '../connection-pool.ts'
import { atController } from '../controller-calls.ts'
import { throwOnKafkaError } from '../errors.ts'
import { matchAnswers, outcomeOfCode } from '../match-answers.ts'
import type { Outcome } from '../outcome.ts'
import { type CallOptions, retrying } from '../retry.ts'
import { type ScramMechanism, saltPassword } from '../sasl/scram.ts'

/** Kafka's numbers (org.apache.kafka.clients.admin.ScramMechanism). */
const mechanisms: Readonly<Record<ScramMechanism, number>> = { 'SCRAM-SHA-256': 1, 'SCRAM-SHA-512': 2 }
/** What brokers accept: 4096 to 16384. */
const ITERATIONS = 8192
const SALT_BYTES = 24

/** What is stored for a user; neither password nor salt can be read back. */
export type ScramUser = {
  readonly user: string
  readonly credentials: readonly {
    readonly mechanism: ScramMechanism | 'unknown'
    readonly iterations: number
  }[]
}

export type ScramChange = { readonly user: string; readonly mechanism: ScramMechanism } & (
  | { readonly action: 'set'; readonly password: Secret; readonly iterations?: number }
  | { readonly action: 'delete' }
)

/**
 * All users with SCRAM credentials, or those named (KIP-554). Errors: KAFKA_ERROR; a named user without any is left
 * out.
 */
export function describeScramUsers(
  cluster: Cluster,
  { users, ...options }: CallOptions & { readonly users?: readonly string[] } = {},
): Promise<Outcome<ScramUser>[]> {
  const limits = cluster.limitsOf(options)
  const what = `SCRAM users of ${cluster.name}`
  return retrying({ what, ...limits }, async ({ remainingMs: timeoutMs }) => {
    const body = { users: users?.map((name) => ({ name })) ?? null }
    const answer = await cluster.request(DescribeUserScramCredentials, body, {
      node: 'controller',
      ...limits,
      timeoutMs,
    })
    throwOnKafkaError(answer.errorCode, what, answer.errorMessage)
    return answer.results
      .filter(({ errorCode }) => errorCode !== ErrorCode.RESOURCE_NOT_FOUND)
      .map(({ user, credentialInfos, ...verdict }) =>
        outcomeOfCode(verdict, `SCRAM user ${user}`, () => ({
          user,
          credentials: credentialInfos.map(credentialOf),
        })),
      )
  })
}

/**
 * Sets or deletes credentials; one outcome per change, in order. Passwords are salted and hashed here: the broker
 * never sees them.
 */
export async function alterScramUsers(
  cluster: Cluster,
  changes: readonly ScramChange[],
  options: CallOptions = {},
): Promise<Outcome<void>[]> {
  const prepared = await Promise.all(changes.map(prepare))
  return atController(cluster, prepared, {
    ...options,
    what: 'changing SCRAM users',
    ask: async (pending, limits) => {
      const outcomes = new Map<PreparedChange, Outcome<void>>()
      for (const round of oncePerUser(pending)) {
        const answers = await sendChanges(cluster, round, limits)
        for (const [at, change] of round.entries()) outcomes.set(change, answers[at]!)
      }
      return pending.map((change) => outcomes.get(change)!)
    },
  })
}

/** A controller refuses two changes of one user in one request, even of different mechanisms. */
function oncePerUser(changes: readonly PreparedChange[]): PreparedChange[][] {
  const rounds: PreparedChange[][] = []
  for (const own of Map.groupBy(changes, ({ user }) => user).values()) {
    for (const [round, change] of own.entries()) {
      rounds[round] ??= []
      rounds[round].push(change)
    }
  }
  return rounds
}

async function sendChanges(
  cluster: Cluster,
  changes: readonly PreparedChange[],
  limits: WaitOptions,
): Promise<Outcome<void>[]> {
  const deletions = changes.flatMap(({ deletion }) => deletion ?? [])
  const upsertions = changes.flatMap(({ upsertion }) => upsertion ?? [])
  const body = { deletions, upsertions }
  const answer = await cluster.request(AlterUserScramCredentials, body, { node: 'controller', ...limits })
  return matchAnswers({
    api: 'AlterUserScramCredentials',
    items: changes,
    keyOf: ({ user }) => user,
    answers: answer.results,
    keyOfAnswer: ({ user }) => user,
    read: (result, { user }) => outcomeOfCode(result, `SCRAM user ${user}`, () => undefined),
  })
}

type PreparedChange = Awaited<ReturnType<typeof prepare>>

async function prepare(change: ScramChange) {
  const { user, mechanism: name } = change
  const mechanism = mechanisms[name]
  if (change.action === 'delete') return { user, deletion: { name: user, mechanism }, upsertion: undefined }
  const salt = randomBytes(SALT_BYTES)
  const iterations = change.iterations ?? ITERATIONS
  const saltedPassword = await saltPassword(name, change.password, salt, iterations)
  return { user, deletion: undefined, upsertion: { name: user, mechanism, iterations, salt, saltedPassword } }
}

function credentialOf({
  mechanism,
  iterations,
}: {
  readonly mechanism: number
  readonly iterations: number
}) {
  const name = (Object.keys(mechanisms) as ScramMechanism[]).find((key) => mechanisms[key] === mechanism)
  return { mechanism: name ?? ('unknown' as const), iterations }
}
