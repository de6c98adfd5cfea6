import { KmcError } from '../base/error.ts'
import { Cluster } from '../client/cluster.ts'
import type { ClusterConfig } from '../client/config.ts'
import { type Outcome, outcomeOf, unwrap } from '../client/outcome.ts'
import { openFleet } from '../fleet/apply/open-fleet.ts'
import { nearest } from '../fleet/file/suggest.ts'
import { resolveClusters } from '../fleet/run/resolve-clusters.ts'
import type { CommandContext } from './command.ts'
import { cliError } from './errors.ts'

/** A cluster of the fleet and how it is reached, or why it cannot be. */
type ChosenCluster = { readonly name: string; readonly access: Outcome<ClusterConfig> }

/** What one cluster answered. */
export type ClusterAnswer<T> = { readonly cluster: string; readonly answer: T }

const ASK_LIMIT_MS = 30_000
/** How much longer than the first one the others may take before the command goes on without them. */
const STRAGGLER_MS = 4_000

/**
 * The clusters that a command is about: the one named, or all. Secrets of clusters that are not asked are not looked
 * up. Errors: CLUSTER_UNKNOWN, those of the fleet file.
 */
async function chooseClusters(
  { fleetPath }: CommandContext,
  name: string | undefined,
): Promise<ChosenCluster[]> {
  const loaded = await openFleet(fleetPath, { secrets: 'ignore' })
  const names = Object.keys(loaded.fleet.clusters)
  if (name !== undefined && !names.includes(name)) throw clusterUnknown(name, names)
  const chosen = name === undefined ? names : [name]
  const clusters = Object.fromEntries(chosen.map((one) => [one, loaded.fleet.clusters[one]!]))
  const access = await resolveClusters({ ...loaded, fleet: { ...loaded.fleet, clusters } })
  return chosen.map((one) => ({ name: one, access: access.get(one)! }))
}

function clusterUnknown(name: string, names: readonly string[]): KmcError {
  const near = nearest(name, names)
  const remedy = near === null ? `The fleet has: ${names.join(', ')}.` : `Did you mean ${near}?`
  return cliError('CLUSTER_UNKNOWN', `The fleet has no cluster "${name}"`, { remedy, context: { names } })
}

/**
 * Connects to the one cluster that the command is about. Errors: CLUSTER_NOT_CHOSEN where the fleet has several and
 * none is named; those of `Cluster.connect`.
 */
export async function connectOne(context: CommandContext, name: string | undefined): Promise<Cluster> {
  const [first, ...others] = await chooseClusters(context, name)
  if (others.length > 0) {
    const names = [first!, ...others].map((cluster) => cluster.name)
    const message = `This fleet has ${names.length} clusters: ${names.join(', ')}`
    throw cliError('CLUSTER_NOT_CHOSEN', message, { context: { names } })
  }
  return await Cluster.connect(unwrap(first!.access), { signal: context.signal })
}

/**
 * Asks every chosen cluster side by side. One that fails, or that is silent long after another has answered, becomes
 * an error line and delays and fails no other. Errors: the only cluster's own; NO_CLUSTER_ANSWERED when none did.
 */
export async function askEach<T>(
  context: CommandContext,
  name: string | undefined,
  ask: (cluster: Cluster, signal: AbortSignal) => Promise<T>,
): Promise<ClusterAnswer<T>[]> {
  const chosen = await chooseClusters(context, name)
  const late = new AbortController()
  const signal = AbortSignal.any([context.signal, late.signal, AbortSignal.timeout(ASK_LIMIT_MS)])
  let timer: NodeJS.Timeout | undefined
  const outcomes = await Promise.all(
    chosen.map(async (cluster) => {
      const outcome = await outcomeOf(askOne(cluster, ask, signal))
      if (outcome.ok) timer ??= setTimeout(() => late.abort(), STRAGGLER_MS)
      return { cluster: cluster.name, outcome }
    }),
  )
  clearTimeout(timer)
  if (chosen.length === 1) return [{ cluster: chosen[0]!.name, answer: unwrap(outcomes[0]!.outcome) }]
  const answers: ClusterAnswer<T>[] = []
  for (const { cluster, outcome } of outcomes) {
    if (outcome.ok) answers.push({ cluster, answer: outcome.value })
    else context.out.problem(named(cluster, late.signal.aborted ? slow(outcome.error) : outcome.error))
  }
  if (answers.length === 0)
    throw cliError('NO_CLUSTER_ANSWERED', `None of ${chosen.length} clusters answered`)
  return answers
}

async function askOne<T>(
  { access }: ChosenCluster,
  ask: (cluster: Cluster, signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  await using cluster = await Cluster.connect(unwrap(access), { signal })
  return await ask(cluster, signal)
}

/** An abort of ours is told as what it means. */
function slow(error: KmcError): KmcError {
  if (error.code !== 'REQUEST_ABORTED') return error
  return cliError('CLUSTER_SLOW', `No answer within ${STRAGGLER_MS / 1000} s of the others'`)
}

function named(cluster: string, error: KmcError): KmcError {
  const { code, message, remedy, retriable, context } = error
  return new KmcError(code, message.includes(cluster) ? message : `cluster ${cluster}: ${message}`, {
    ...(remedy === undefined ? {} : { remedy }),
    retriable,
    context: { cluster, ...context },
    cause: error,
  })
}
