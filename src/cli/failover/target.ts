import { within } from '../../client/deadline.ts'
import type { LastSeen } from '../../failover/plan/facts.ts'
import { lastSeenOf } from '../../failover/plan/last-seen.ts'
import type { PlanTarget } from '../../failover/plan/read/facts.ts'
import { linkSpec } from '../../fleet/file/access.ts'
import type { LinkDeclaration, LoadedFleet } from '../../fleet/file/fleet.ts'
import { resolveClusters } from '../../fleet/run/resolve-clusters.ts'
import { supervisorStatus } from '../../server/fleet-status.ts'
import type { CommandContext } from '../command.ts'
import { knownLink } from '../links.ts'

/** The supervisor is on this machine; a plan does not wait longer for it than for a cluster. */
const SUPERVISOR_MS = 3_000

/** Everything that a plan for a route is made from. */
export async function planTarget(context: CommandContext, name: string): Promise<PlanTarget> {
  const { loaded, link } = await knownLink(context, name)
  const seen = seenBySupervisor(loaded)
  const access = await resolveClusters(loaded)
  return {
    route: { name, primary: link.from, standby: link.to },
    access,
    linkFrom: (active) => {
      const found = Object.values(loaded.fleet.links).find((one) => one.from === active && one.to === link.to)
      return found === undefined ? null : specOf(found, access)
    },
    readRoute: async () => null,
    lastSeen: async (one) => (await seen).get(one) ?? null,
    signal: context.signal,
  }
}

/** A cluster that cannot be reached needs no address here: a plan takes only names and patterns from the link. */
function specOf(link: LinkDeclaration, access: PlanTarget['access']) {
  const [from, to] = [link.from, link.to].map((name) => {
    const config = access.get(name)
    return config?.ok ? config.value : { name, bootstrap: [] }
  })
  return linkSpec(link, from!, to!)
}

/** What workers on this machine say; a supervisor that does not answer leaves that unknown. */
async function seenBySupervisor({ directory }: LoadedFleet): Promise<Map<string, LastSeen>> {
  const status = await within(
    { timeoutMs: SUPERVISOR_MS },
    'Asking the supervisor',
    supervisorStatus(directory),
  ).catch(() => null)
  const links = status?.links ?? []
  return new Map(links.map(({ name, mirrors, groups }) => [name, lastSeenOf(name, mirrors, groups)]))
}
