import { outOfReach, type PreflightReport, preflight, report } from '../../link/preflight/preflight.ts'
import { linkSpec } from '../file/access.ts'
import type { LinkDeclaration, LoadedFleet } from '../file/fleet.ts'
import { resolveClusters } from '../run/resolve-clusters.ts'

/** Looks at links of a fleet as it is declared, whether they run or not; one report a link, in their order. */
export async function preflightLinks(
  loaded: LoadedFleet,
  links: readonly LinkDeclaration[],
  options: { readonly signal?: AbortSignal } = {},
): Promise<PreflightReport[]> {
  const clusters = await resolveClusters(loaded)
  const reports: PreflightReport[] = []
  // One after the other: each asks both clusters for everything.
  for (const link of links) {
    const [source, destination] = [clusters.get(link.from)!, clusters.get(link.to)!]
    if (source.ok && destination.ok) {
      reports.push(await preflight(linkSpec(link, source.value, destination.value), options))
      continue
    }
    const lost = [
      ...(source.ok ? [] : [outOfReach('source', link.from, source.error)]),
      ...(destination.ok ? [] : [outOfReach('destination', link.to, destination.error)]),
    ]
    reports.push(report(link.name, lost))
  }
  return reports
}
