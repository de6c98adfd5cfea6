import type { Cluster } from '../../client/cluster.ts'
import type { LinkSpec } from '../spec.ts'
import type { GapPath } from '../transactions/path.ts'
import { checkGaps } from './checks/gaps.ts'
import { checkSides } from './checks/sides.ts'
import type { Facts } from './facts.ts'
import { blocks, type LinkFinding } from './findings.ts'
import { gateFacts } from './read/sides.ts'

export type BlockersOptions = {
  readonly spec: LinkSpec
  readonly source: Cluster
  readonly destination: Cluster
  /** How gaps may be filled; null for not at all. */
  readonly path: GapPath | null | 'unknown'
}

/**
 * What makes exactness of the whole link impossible; what concerns one topic or group is a fault of that one alone.
 * Asks little, since every start of a link waits for it.
 */
export async function blockers({ spec, source, destination, path }: BlockersOptions): Promise<LinkFinding[]> {
  const facts: Pick<Facts, 'link' | 'source' | 'destination' | 'recordedSource' | 'gaps'> = {
    link: spec.name,
    source: await gateFacts(source, 'source'),
    destination: await gateFacts(destination, 'destination'),
    // Refused when the link was opened.
    recordedSource: null,
    gaps:
      path === 'unknown' ? { told: false, why: 'the destination did not say' } : { told: true, value: path },
  }
  return [...checkSides(facts), ...checkGaps(facts)].filter(blocks)
}
