import { linkPrincipal } from '../../../link/travel/principal.ts'
import type { QuotaFacts } from '../facts.ts'
import type { Drift } from '../plan.ts'
import { listed } from '../words.ts'
import type { Compared } from './drift.ts'

/** Users with SCRAM credentials that could not sign in on the other side. Kafka tells no password to compare. */
export function driftOfUsers({ facts, from, to }: Compared): Drift[] {
  if (!from.users.told || !to.users.told) return []
  const own = facts.spec === null ? null : linkPrincipal(facts.spec.source)
  const there = to.users.value
  return [...from.users.value]
    .filter(([user]) => `User:${user}` !== own)
    .flatMap(([user, mechanisms]): Drift[] => {
      const known = there.get(user)
      const missing = mechanisms.filter((mechanism) => !known?.includes(mechanism))
      if (missing.length === 0) return []
      const remedy = `Give link ${facts.spec?.name ?? ''} the password (travel, users), or make the user on ${to.name}.`
      const what =
        known === undefined
          ? `user ${user} has no credentials on ${to.name}: whoever signs in so is locked out`
          : `user ${user} has no ${listed(missing)} credentials on ${to.name}`
      return [
        { severity: known === undefined ? 'blocks' : 'warning', kind: 'user', subject: user, what, remedy },
      ]
    })
}

export function driftOfQuotas({ from, to }: Compared): Drift[] {
  if (!from.quotas.told || !to.quotas.told) return []
  const there = new Map(to.quotas.value.map((quota) => [quota.entity, quota]))
  return from.quotas.value.flatMap(({ entity, values }): Drift[] => {
    const differing = Object.entries(values).filter(
      ([key, value]) => there.get(entity)?.values[key] !== value,
    )
    if (differing.length === 0) return []
    const words = differing.map(([key, value]) => `${key} ${value} (${valueOn(there.get(entity), key)})`)
    const what = `the quota of ${entity} is another on ${to.name}: ${listed(words)}`
    return [{ severity: 'note', kind: 'quota', subject: entity, what, remedy: null }]
  })
}

function valueOn(quota: QuotaFacts | undefined, key: string): string {
  return quota?.values[key] ?? 'none there'
}
