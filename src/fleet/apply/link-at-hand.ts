import type { ClusterConfig } from '../../client/config.ts'
import { linkError } from '../../link/errors.ts'
import { type LinkMemory, rememberedLink } from '../../link/intents/request.ts'
import { isReleased } from '../../link/mirrors/life.ts'
import type { MirrorRecord } from '../../link/state/records.ts'
import { didYouMean } from '../file/suggest.ts'
import { accessTo } from './bring-up.ts'
import { knownLink } from './known-link.ts'

/** A link with what its destination remembers of it. */
export type LinkAtHand = {
  readonly name: string
  readonly access: ClusterConfig
  readonly memory: LinkMemory
}

/** @throws LINK_UNKNOWN, and what hinders the way to its destination */
export async function linkAtHand(fleetPath: string, name: string): Promise<LinkAtHand> {
  const { loaded, link } = await knownLink(fleetPath, name)
  const access = await accessTo(loaded, link.to)
  return { name: link.name, access, memory: await rememberedLink(access, link.name) }
}

/** A mirror by its name on either side. @throws MIRROR_UNKNOWN */
export function mirrorNamed({ name, memory: { mirrors } }: LinkAtHand, wanted: string): MirrorRecord {
  const found =
    mirrors.find(({ mirror }) => mirror === wanted) ?? mirrors.find(({ topic }) => topic === wanted)
  if (found !== undefined) return found
  const hint = didYouMean(
    wanted,
    mirrors.map(({ mirror }) => mirror),
  )
  throw linkError('MIRROR_UNKNOWN', `link ${name} keeps no mirror "${wanted}"${hint}`)
}

/** All that are mirrors still. @throws MIRROR_UNKNOWN where there are none */
export function mirrorsLeft({ name, memory }: LinkAtHand): MirrorRecord[] {
  const found = memory.mirrors.filter(({ state }) => !isReleased(state))
  if (found.length === 0) throw linkError('MIRROR_UNKNOWN', `link ${name} keeps no mirrors`)
  return found
}
