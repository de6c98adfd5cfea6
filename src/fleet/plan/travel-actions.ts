import type { TravelSurvey } from '../../link/travel/survey.ts'
import type { LinkDeclaration } from '../file/fleet.ts'
import { canonicalText } from './canonical.ts'
import { counted, type Notes, type PlanInput } from './notes.ts'
import { entryOf } from './observed.ts'

/** What a link that is new, changed or starts again will carry over besides records. */
export function planTravel(input: PlanInput, link: LinkDeclaration, notes: Notes): void {
  const travel = entryOf(input.observed.travel ?? null, link.name)
  if (travel === null) return
  const subject = `link ${link.name}`
  if ('trouble' in travel) {
    notes.warn(subject, `what it would carry over besides records is not known: ${travel.trouble}`)
    return
  }
  notes.rest(`travel of ${link.name}`, canonicalText(travel))
  const without = travel.acls?.without ?? null
  if (without !== null) {
    const cluster = without === 'source' ? link.from : link.to
    notes.warn(subject, `${cluster} has no authorizer, so no ACLs travel`)
  }
  const reason = reasonOf(travel)
  if (reason !== null) notes.act({ action: 'carry-over', link: link.name, subject, reason, travel })
}

/** Null where there is nothing to do. */
function reasonOf({ acls, quotas, users }: TravelSurvey): string | null {
  const parts = [
    ...countOf(acls?.create, 'ACL', 'to make'),
    ...countOf(acls?.remove, 'ACL', 'to remove'),
    ...countOf(quotas?.changes, 'quota', 'to change'),
    ...countOf(users?.changes, 'user credential', 'to change'),
  ]
  if (parts.length === 0) return null
  return [...parts, ...countOf(acls?.withheld, 'ACL', 'held back while the mirror is one')].join(', ')
}

function countOf(items: readonly unknown[] | undefined, thing: string, what: string): string[] {
  return items === undefined || items.length === 0 ? [] : [`${counted(items.length, thing)} ${what}`]
}
