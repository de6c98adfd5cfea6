import { linkError } from '../../link/errors.ts'
import { readApplied } from '../file/applied.ts'
import type { LinkDeclaration, LoadedFleet } from '../file/fleet.ts'
import { didYouMean } from '../file/suggest.ts'
import { entryOf } from '../plan/observed.ts'
import { linkAsItRuns } from './link-as-it-runs.ts'
import { openFleet } from './open-fleet.ts'

export type KnownLink = {
  readonly loaded: LoadedFleet
  readonly link: LinkDeclaration
  readonly declared: boolean
}

/**
 * A link of the fleet file, or one that was applied and has left the file since, as it runs: one that was turned leads
 * the other way. @throws LINK_UNKNOWN
 */
export async function knownLink(fleetPath: string, name: string): Promise<KnownLink> {
  const known = await namedLink(fleetPath, name)
  return { ...known, link: await linkAsItRuns(known.loaded, known.link) }
}

async function namedLink(fleetPath: string, name: string): Promise<KnownLink> {
  const loaded = await openFleet(fleetPath)
  const declared = entryOf(loaded.fleet.links, name)
  if (declared !== null) return { loaded, link: declared, declared: true }
  const applied = await readApplied(loaded.directory)
  const link = entryOf(applied?.links ?? null, name)
  if (link !== null) return { loaded, link, declared: false }
  const names = [...Object.keys(loaded.fleet.links), ...Object.keys(applied?.links ?? {})]
  throw linkError('LINK_UNKNOWN', `the fleet has no link "${name}"${didYouMean(name, names)}`, {
    context: { names },
  })
}
