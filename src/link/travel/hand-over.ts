import type { KmcError } from '../../base/error.ts'
import { ownedAcls } from './acls/sync.ts'
import type { OwnedBook, OwnedChange, OwnedRecord } from './owned.ts'
import type { Refused, TravelDestination } from './port.ts'
import { planQuotas } from './quotas.ts'
import { planUsers } from './users.ts'

/**
 * Gives mirrors that are mirrors no longer what was held back from them, above all the grants to write, and lets go
 * of what the link made for them: it stays from here on, whatever becomes of the link. `last`: no mirror is left, so
 * that everything else the link made (groups' ACLs, quotas, users) stays as well. May be repeated; gives what the
 * destination refused, and then nothing of that topic is let go.
 */
export async function handOver(
  destination: TravelDestination,
  book: OwnedBook,
  { topics, last }: { readonly topics: ReadonlySet<string>; readonly last: boolean },
): Promise<readonly KmcError[]> {
  const notes = await book.read()
  const errors: KmcError[] = []
  const changes: OwnedChange[] = []
  for (const [what, record] of notes) {
    if (record.kind !== 'handover' || !topics.has(record.topic)) continue
    const refused = await destination.createAcls(record.acls)
    errors.push(...refused.map(({ error }) => error))
    if (refused.length > 0) continue
    const own = record.acls.map(({ resourceName }) => `acl/topic/literal/${resourceName}`)
    changes.push({ what, record: null }, ...letGo(notes, new Set(own)))
  }
  if (last && errors.length === 0) changes.push(...letGo(notes, null))
  if (changes.length > 0) await book.write(changes)
  return errors
}

/** Ends notes: of the facts named, or of all that can be left behind. */
function letGo(notes: ReadonlyMap<string, OwnedRecord>, whats: ReadonlySet<string> | null): OwnedChange[] {
  const ended = [...notes].filter(([what, { kind }]) => {
    return whats === null ? kind === 'acls' || kind === 'quota' || kind === 'user' : whats.has(what)
  })
  return ended.map(([what]) => ({ what, record: null }))
}

/**
 * Removes everything that the link made at its destination besides mirrors, for a link that is deleted. Gives what the
 * destination refused; that stays noted.
 */
export async function removeOwned(
  destination: TravelDestination,
  book: OwnedBook,
): Promise<readonly KmcError[]> {
  const notes = await book.read()
  const errors: KmcError[] = []
  const without = async (
    kinds: readonly OwnedRecord['kind'][],
    remove: () => Promise<readonly Refused<unknown>[]>,
  ) => {
    const whats = [...notes].filter(([, { kind }]) => kinds.includes(kind)).map(([what]) => what)
    if (whats.length === 0) return
    const refused = await remove()
    errors.push(...refused.map(({ error }) => error))
    if (refused.length === 0) await book.write(whats.map((what) => ({ what, record: null })))
  }
  await without(['acls'], () => destination.deleteAcls(ownedAcls(notes)))
  await without(['quota'], async () => {
    const plan = planQuotas({ rules: null, source: [], present: await destination.quotas(), notes })
    return destination.alterQuotas(plan.changes)
  })
  await without(['user'], async () => {
    const nobody = { rules: null, passwords: {}, source: [], again: false }
    return destination.alterUsers(planUsers({ ...nobody, present: await destination.users(), notes }).changes)
  })
  await without(['handover', 'group'], async () => [])
  return errors
}
