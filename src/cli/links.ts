import { linkAsItRuns } from '../fleet/apply/link-as-it-runs.ts'
import { openFleet } from '../fleet/apply/open-fleet.ts'
import { readApplied } from '../fleet/file/applied.ts'
import type { LinkDeclaration, LoadedFleet } from '../fleet/file/fleet.ts'
import { nearest } from '../fleet/file/suggest.ts'
import { entryOf } from '../fleet/plan/observed.ts'
import { linkError } from '../link/errors.ts'
import type { CommandContext } from './command.ts'

export type KnownLink = {
  readonly loaded: LoadedFleet
  readonly link: LinkDeclaration
  readonly declared: boolean
}

/**
 * A link of the fleet file, or one that was applied and has left the file since, as it runs: one that was turned leads
 * the other way. @throws LINK_UNKNOWN
 */
export async function knownLink(context: CommandContext, name: string): Promise<KnownLink> {
  const known = await namedLink(context, name)
  return { ...known, link: await linkAsItRuns(known.loaded, known.link) }
}

async function namedLink({ fleetPath }: CommandContext, name: string): Promise<KnownLink> {
  const loaded = await openFleet(fleetPath)
  const declared = entryOf(loaded.fleet.links, name)
  if (declared !== null) return { loaded, link: declared, declared: true }
  const applied = await readApplied(loaded.directory)
  const link = entryOf(applied?.links ?? null, name)
  if (link !== null) return { loaded, link, declared: false }
  const names = [...Object.keys(loaded.fleet.links), ...Object.keys(applied?.links ?? {})]
  const near = nearest(name, names)
  const hint = near === null ? '' : `, did you mean ${near}?`
  throw linkError('LINK_UNKNOWN', `the fleet has no link "${name}"${hint}`, { context: { names } })
}
