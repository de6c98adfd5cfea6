import type { NewAcl } from '../../../client/admin/acls.ts'
import type { OwnedBook, OwnedChange, OwnedRecord } from '../owned.ts'
import type { Refused, TravelDestination, TravelSide } from '../port.ts'
import { type AclPlan, type AclWorld, planAcls } from './plan.ts'
import { distinctAcls, keyOfAcl } from './rules.ts'

/** What a link says of its ACLs. */
export type AclView = Omit<AclWorld, 'source' | 'present' | 'owned'>

/** `without`: a side that has no authorizer, so that there is nothing to carry, or nowhere to carry it to. */
export type AclSurvey =
  | { readonly without: 'source' | 'destination' }
  | { readonly without: null; readonly plan: AclPlan }

/** What would be made and removed now. Writes nothing. */
export async function surveyAcls(
  view: AclView,
  sides: { readonly source: TravelSide; readonly destination: TravelSide },
  notes: ReadonlyMap<string, OwnedRecord>,
): Promise<AclSurvey> {
  const [source, present] = await Promise.all([
    view.rules === null ? [] : sides.source.acls(),
    sides.destination.acls(),
  ])
  if (present === null) return { without: 'destination' }
  if (source === null) return { without: 'source' }
  return { without: null, plan: planAcls({ ...view, source, present, owned: ownedAcls(notes) }) }
}

/** Does what the survey says: notes what it is about to make, makes, removes, and notes what is left. */
export async function carryAcls(
  plan: AclPlan,
  destination: TravelDestination,
  book: OwnedBook,
): Promise<readonly Refused<NewAcl>[]> {
  const notes = await book.read()
  const owned = ownedAcls(notes)
  await book.write(noteChanges(notes, [...owned, ...plan.create], plan.handOver))
  const refusedNew = await destination.createAcls(plan.create)
  const refusedOld = await destination.deleteAcls(plan.remove)
  const gone = new Set(plan.remove.map(keyOfAcl))
  for (const { item } of refusedOld) gone.delete(keyOfAcl(item))
  for (const { item } of refusedNew) gone.add(keyOfAcl(item))
  const left = [...owned, ...plan.create].filter((acl) => !gone.has(keyOfAcl(acl)))
  await book.write(noteChanges(await book.read(), left, plan.handOver))
  return [...refusedNew, ...refusedOld]
}

/** The entries at the destination that the link made. */
export function ownedAcls(notes: ReadonlyMap<string, OwnedRecord>): NewAcl[] {
  return [...notes.values()].flatMap((record) => (record.kind === 'acls' ? record.acls : []))
}

/** What has to be written so that the notes say exactly this. */
function noteChanges(
  notes: ReadonlyMap<string, OwnedRecord>,
  acls: readonly NewAcl[],
  handOver: AclPlan['handOver'],
): OwnedChange[] {
  const wanted = new Map<string, OwnedRecord>()
  for (const [what, own] of Map.groupBy(distinctAcls(acls), whatOf))
    wanted.set(what, { kind: 'acls', acls: own })
  for (const [topic, own] of handOver) {
    wanted.set(`handover/${topic}`, { kind: 'handover', topic, acls: [...own] })
  }
  const changed = [...wanted].filter(([what, record]) => !same(notes.get(what), record))
  const ended = [...notes].filter(([what, { kind }]) => {
    return (kind === 'acls' || kind === 'handover') && !wanted.has(what)
  })
  return [
    ...changed.map(([what, record]) => ({ what, record })),
    ...ended.map(([what]) => ({ what, record: null })),
  ]
}

function whatOf({ resourceType, patternType, resourceName }: NewAcl): string {
  return `acl/${resourceType}/${patternType}/${resourceName}`
}

function same(a: OwnedRecord | undefined, b: OwnedRecord): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b)
}
