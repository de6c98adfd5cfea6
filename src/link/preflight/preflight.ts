import { KmcError, messageOf } from '../../base/error.ts'
import { Cluster } from '../../client/cluster.ts'
import type { ClusterConfig } from '../../client/config.ts'
import type { LinkSpec } from '../spec.ts'
import { checkDurability } from './checks/durability.ts'
import { checkGaps } from './checks/gaps.ts'
import { checkCompression, checkMirrors } from './checks/mirrors.ts'
import { checkRecords } from './checks/records.ts'
import { checkRights } from './checks/rights.ts'
import { checkSides } from './checks/sides.ts'
import type { Facts } from './facts.ts'
import { bad, type LinkFinding } from './findings.ts'
import { readFacts } from './read/facts.ts'

/** The result of looking at one link. `ready`: nothing of severity error. */
export type PreflightReport = {
  readonly link: string
  readonly ready: boolean
  readonly findings: readonly LinkFinding[]
}

const CHECKS = [
  checkSides,
  checkRights,
  checkGaps,
  checkMirrors,
  checkRecords,
  checkCompression,
  checkDurability,
]

/** What the checks say of what was read. */
export function judge(facts: Facts): LinkFinding[] {
  return CHECKS.flatMap((check) => check(facts))
}

/**
 * Proves what a link needs to be exact, on both clusters and with the link's own principals. Works without a worker
 * and before the link exists; changes nothing. A side that does not answer is a finding.
 */
export async function preflight(
  spec: LinkSpec,
  options: { readonly signal?: AbortSignal } = {},
): Promise<PreflightReport> {
  const [source, destination] = await Promise.all([
    reach('source', spec.source, options),
    reach('destination', spec.destination, options),
  ])
  try {
    const lost = [source, destination].flatMap((side) => (side instanceof Cluster ? [] : [side]))
    if (source instanceof Cluster && destination instanceof Cluster) {
      return report(spec.name, judge(await readFacts(spec, source, destination)))
    }
    return report(spec.name, lost)
  } finally {
    for (const side of [source, destination]) if (side instanceof Cluster) await side.close()
  }
}

export function report(link: string, findings: readonly LinkFinding[]): PreflightReport {
  return { link, ready: findings.every(({ severity }) => severity !== 'error'), findings }
}

async function reach(
  side: 'source' | 'destination',
  config: ClusterConfig,
  options: { readonly signal?: AbortSignal },
): Promise<Cluster | LinkFinding> {
  try {
    return await Cluster.connect(config, options)
  } catch (error) {
    if (!(error instanceof KmcError) || options.signal?.aborted) throw error
    return outOfReach(side, config.name, error)
  }
}

/** The finding for a side that cannot be asked. */
export function outOfReach(side: 'source' | 'destination', name: string, error: KmcError): LinkFinding {
  const what = `${name}: ${messageOf(error)}`
  const remedy = error.remedy ?? 'See `kmc doctor`.'
  return bad('CLUSTER_OUT_OF_REACH', { side, subject: name, what, remedy })
}
