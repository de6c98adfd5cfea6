import type { Log } from '../../base/log.ts'
import { readLinkDrift } from '../../failover/plan/read/link-drift.ts'
import { accessTo } from '../../fleet/apply/bring-up.ts'
import { linkSpec } from '../../fleet/file/access.ts'
import type { LoadedFleet } from '../../fleet/file/fleet.ts'
import { serverError } from '../errors.ts'
import type { House } from '../house.ts'
import { type DriftLink, DriftWatch } from './drift-watch.ts'

/** Each side answers within six seconds or not at all. */
const COMPARE_MS = 20_000

/** Compares the links that the fleet file declares, through the doors of their clusters. */
export function openDrift(
  loaded: LoadedFleet,
  { doors, status }: Pick<House, 'doors' | 'status'>,
  log: Log,
): DriftWatch {
  const compare = async (link: DriftLink, signal: AbortSignal) => {
    const { name, from, to } = link
    const declared = loaded.fleet.links[name]
    if (declared === undefined) throw serverError('RESOURCE_NOT_FOUND', `the fleet file has no link ${name}`)
    const access = await Promise.all([accessTo(loaded, from), accessTo(loaded, to)])
    const spec = linkSpec({ ...declared, from, to }, ...access)
    const limits = { timeoutMs: COMPARE_MS, signal }
    return await doors
      .to(from)
      .use(
        (source) =>
          doors.to(to).use((destination, gone) => readLinkDrift(spec, [source, destination], gone), limits),
        limits,
      )
  }
  const isOfRoute = ({ from, to }: DriftLink) =>
    status().routes.some((route) => [from, to].every((name) => [route.primary, route.standby].includes(name)))
  return new DriftWatch({ links: () => status().links, compare, isOfRoute, log })
}
