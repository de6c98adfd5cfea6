import type { Fleet } from '../file/fleet.ts'
import { canonicalText, hashOf } from './canonical.ts'
import { planClusters } from './cluster-actions.ts'
import { planLinks } from './link-actions.ts'
import { Notes } from './notes.ts'
import type { ObservedFleet } from './observed.ts'
import { actionOrder, PLAN_FORMAT, type Plan } from './plan.ts'
import { planRoutes } from './route-actions.ts'
import { asItRuns } from './turned-links.ts'

export type PlanOptions = {
  /** Mirrors (`LINK/TOPIC`) to go on with where that was offered. */
  readonly resume?: readonly string[]
}

/** What has to be done so that what is found becomes what is declared. Pure: the same input gives the same plan. */
export function makePlan(declared: Fleet, observed: ObservedFleet, options: PlanOptions = {}): Plan {
  const resume = [...new Set(options.resume ?? [])].sort()
  const notes = new Notes()
  const applied = observed.applied === null ? null : asItRuns(observed.applied, observed)
  const running = { declared: asItRuns(declared, observed), observed: { ...observed, applied } }
  const input = { ...running, resume: new Set(resume) }
  planClusters(input, notes)
  planLinks(input, notes)
  planRoutes(input, notes)
  const order = (name: (typeof actionOrder)[number]) => actionOrder.indexOf(name)
  const content = {
    format: PLAN_FORMAT,
    fleet: declared.name,
    madeAt: observed.at,
    declared: hashOf(declared),
    facts: notes.facts,
    resume,
    actions: notes.actions.toSorted((a, b) => order(a.action) - order(b.action)),
    refusals: notes.refusals,
    warnings: notes.warnings,
  } as const
  return { ...content, id: hashOf(content) }
}

/** The hash that `plan.id` must have. */
export function planId(plan: Plan): string {
  const { id: _, ...content } = plan
  return hashOf(content)
}

/**
 * What changed since the plan was made, in sentences; empty when the plan still says what to do. The same parts of the
 * fleet are looked at as when it was made: a topic's growth does not count, its appearance does.
 */
export function checkPlanStillHolds(plan: Plan, declared: Fleet, observed: ObservedFleet): string[] {
  const changes: string[] = []
  if (plan.fleet !== declared.name)
    changes.push(`the plan is for fleet ${plan.fleet}, the file declares ${declared.name}`)
  else if (plan.declared !== hashOf(declared))
    changes.push('the fleet file declares something else than it did')
  const now = makePlan(declared, observed, { resume: plan.resume })
  const { facts } = now
  for (const name of [...new Set([...Object.keys(plan.facts), ...Object.keys(facts)])].sort()) {
    const [was, is] = [plan.facts[name], facts[name]]
    if (was !== is) changes.push(changeText(name, was, is))
  }
  // Equal facts give equal actions, so a difference here means another kmc, or a hand in the file.
  if (changes.length === 0 && canonicalText(plan.actions) !== canonicalText(now.actions)) {
    changes.push('the plan was made by another version of kmc, which would do it in another way')
  }
  return changes
}

const FACT_SHOWN_MAX = 160

function changeText(name: string, was: string | undefined, is: string | undefined): string {
  if (was === undefined) return `${name}: is now ${shown(is)}, the plan did not know of it`
  if (is === undefined) return `${name}: was ${shown(was)}, is no longer part of the plan`
  if (!name.startsWith('topics of ')) return `${name}: was ${shown(was)}, is ${shown(is)}`
  const [before, now] = [was.split(' '), is.split(' ')]
  const added = now.filter((topic) => topic !== '' && !before.includes(topic))
  const gone = before.filter((topic) => topic !== '' && !now.includes(topic))
  const parts = [
    added.length > 0 ? `new: ${added.join(' ')}` : '',
    gone.length > 0 ? `gone: ${gone.join(' ')}` : '',
  ]
  return shown(`${name}: ${parts.filter((part) => part !== '').join('; ')}`)
}

function shown(fact: string | undefined): string {
  const text = fact === undefined || fact === '' ? 'nothing' : fact
  return text.length > FACT_SHOWN_MAX ? `${text.slice(0, FACT_SHOWN_MAX)}…` : text
}
