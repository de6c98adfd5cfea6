import type { FleetStatus, Trouble } from '../../../src/fleet/run/fleet-status.ts'
import type { Fault } from '../../../src/link/status.ts'
import { paths } from '../shell/paths.ts'

/** Something that an operator should look at, and where. */
export type Concern = { readonly about: string; readonly to: string; readonly trouble: Trouble | Fault }

/** All that is wrong in a fleet: clusters first, as most of the rest follows from them. */
export function concernsOf({ clusters, links, routes }: FleetStatus): Concern[] {
  return [
    ...clusters.flatMap(({ name, fault }) => concern(`cluster ${name}`, paths.cluster(name), fault)),
    ...routes.flatMap(({ name, fault }) => concern(`route ${name}`, paths.route(name), fault)),
    ...links.flatMap(({ name, fault, mirrors, groups }) => [
      ...concern(`link ${name}`, paths.link(name), fault),
      ...mirrors.flatMap((mirror) => concern(`mirror ${mirror.mirror}`, paths.link(name), mirror.fault)),
      ...groups.flatMap(({ group, fault: own }) => concern(`group ${group}`, paths.link(name), own)),
    ]),
  ]
}

function concern(about: string, to: string, trouble: Trouble | Fault | null): Concern[] {
  return trouble === null ? [] : [{ about, to, trouble }]
}
