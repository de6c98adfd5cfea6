import { linkPrincipal } from '../../../link/travel/principal.ts'
import { planFence } from '../../fence/entries.ts'
import type { PlanFacts } from '../facts.ts'
import type { FenceForecast } from '../plan.ts'
import { counted, listed } from '../words.ts'
import { mirrorsOf } from './loss.ts'

/** What will keep clients from writing to the cluster that is left, past the route. */
export function forecastFence(facts: PlanFacts): FenceForecast {
  const { from, route, spec } = facts
  const { active } = route
  if (!from.told) {
    return { state: 'waiting', text: `${active} denies clients to write there as soon as it is back.` }
  }
  const { acls } = from.value
  if (!acls.told) {
    const text = `Whether ${active} can deny clients to write there is not known: ${acls.why}`
    return { state: 'unknown', text }
  }
  if (acls.value === null) {
    const text = `${active} has no authorizer: who writes there past the route is named afterwards, and not stopped.`
    return { state: 'impossible', text }
  }
  const principal = spec === null ? null : linkPrincipal(spec.source)
  const { create, unfenced } = planFence({
    ...{ present: acls.value, own: [], topics: mirrorsOf(facts).map(({ topic }) => topic) },
    ...{ keep: principal === null ? [] : [principal], isSuperUser: false, letsAllIn: false },
  })
  const denied = [...new Set(create.map((acl) => acl.principal))].sort()
  const who = denied.length === 0 ? 'nobody' : `${counted(denied.length, 'principal')} (${listed(denied)})`
  const text = `${active} will deny ${who} to write there; super users of its brokers are not stopped.`
  if (unfenced.length === 0) return { state: 'raised', text }
  const open = `${listed(unfenced)} is stopped only if kmc is a super user there: an entry would mean kmc as well.`
  return { state: 'partly', text: `${text} ${open}` }
}
