import type { PlanFacts, SideFacts } from '../facts.ts'
import type { Drift } from '../plan.ts'
import { driftOfQuotas, driftOfUsers } from './drift-identities.ts'
import { driftOfRights } from './drift-rights.ts'
import { driftOfSettings } from './drift-settings.ts'
import { driftOfGroups, driftOfTopics } from './drift-topics.ts'

/** Both sides of a link that answers as a whole. */
export type Compared = {
  readonly facts: Pick<PlanFacts, 'at' | 'spec' | 'link'>
  readonly from: SideFacts
  readonly to: SideFacts
}

const ORDER = { blocks: 0, warning: 1, note: 2 } as const

/** What applications would find different after the switch, the worst first; what cannot be compared is said. */
export function driftOf(facts: PlanFacts): Drift[] {
  const { from, to } = facts
  if (!to.told) return []
  if (!from.told) {
    const what = `${facts.route.active} does not answer, so settings, rights, users and quotas cannot be compared`
    return [{ severity: 'note', kind: 'unknown', subject: facts.route.active, what, remedy: null }]
  }
  return driftBetween({ facts, from: from.value, to: to.value })
}

/** The same of two sides that both answer. */
export function driftBetween(compared: Compared): Drift[] {
  const found = [
    ...driftOfTopics(compared),
    ...driftOfGroups(compared),
    ...driftOfSettings(compared),
    ...driftOfRights(compared),
    ...driftOfUsers(compared),
    ...driftOfQuotas(compared),
    ...unread(compared.from),
    ...unread(compared.to),
  ]
  return found.sort((a, b) => ORDER[a.severity] - ORDER[b.severity])
}

const READ = ['settings', 'acls', 'users', 'quotas', 'groups', 'producers', 'transactions'] as const

/** The writers of the side that takes over are not asked for. */
function unread(side: SideFacts): Drift[] {
  return READ.flatMap((what) => {
    const fact = side[what]
    if (fact.told || fact.why === 'it was not asked') return []
    const text = `${what} of ${side.name} could not be read (${fact.why}), so nothing is said of them`
    return [{ severity: 'note', kind: 'unknown', subject: side.name, what: text, remedy: null } as const]
  })
}
