import type { TravelSurvey } from '../../link/travel/survey.ts'
import { counted } from './notes.ts'
import type { Action, Plan } from './plan.ts'

export type LineKind = 'head' | 'add' | 'change' | 'remove' | 'warning' | 'refusal' | 'detail'
/** A line for people, with what it says, so that a terminal can colour it. */
export type PlanLine = { readonly kind: LineKind; readonly text: string }

const marks: Record<Action['action'], { readonly kind: LineKind; readonly mark: string }> = {
  'create-cluster': { kind: 'add', mark: '+' },
  'start-cluster': { kind: 'change', mark: '~' },
  'change-cluster': { kind: 'change', mark: '~' },
  'stop-cluster': { kind: 'remove', mark: '-' },
  'create-link': { kind: 'add', mark: '+' },
  'change-link': { kind: 'change', mark: '~' },
  'start-link': { kind: 'change', mark: '~' },
  'delete-link': { kind: 'remove', mark: '-' },
  'create-mirror': { kind: 'add', mark: '+' },
  'release-mirror': { kind: 'remove', mark: '-' },
  'carry-over': { kind: 'change', mark: '~' },
  'create-route': { kind: 'add', mark: '+' },
  'change-route': { kind: 'change', mark: '~' },
  'start-route': { kind: 'change', mark: '~' },
  'delete-route': { kind: 'remove', mark: '-' },
}

/** A plan as a person reads it: a line for each action in order, and below it what to know about it. */
export function renderPlan(plan: Plan): PlanLine[] {
  const lines: PlanLine[] = [{ kind: 'head', text: headOf(plan) }]
  const nameWidth = Math.max(0, ...plan.actions.map((action) => action.action.length))
  const subjectWidth = Math.min(
    SUBJECT_WIDTH_MAX,
    Math.max(0, ...plan.actions.map((action) => nameOf(action).length)),
  )
  const told = new Set<string>()
  for (const action of plan.actions) {
    const { kind, mark } = marks[action.action]
    const columns = `${action.action.padEnd(nameWidth)}  ${nameOf(action).padEnd(subjectWidth)}`
    lines.push({ kind, text: `  ${mark} ${columns}  ${action.reason}` })
    if ('changes' in action) {
      for (const { key, from, to } of action.changes) {
        lines.push({ kind: 'detail', text: `      ${key}: ${from} → ${to}` })
      }
    }
    if (action.action === 'carry-over') lines.push(...travelLines(action.travel))
    if (!told.has(action.subject)) lines.push(...notesOn(plan, action.subject))
    told.add(action.subject)
  }
  const others = [...plan.refusals, ...plan.warnings]
    .map(({ subject }) => subject)
    .filter((subject) => !told.has(subject))
  for (const subject of new Set(others)) {
    lines.push({ kind: 'head', text: `  ${subject}` }, ...notesOn(plan, subject))
  }
  return lines
}

const SUBJECT_WIDTH_MAX = 40
const TRAVEL_LINES_MAX = 20

/** Each entry in words, as many as one cares to read; `-o json` has them all. */
function travelLines({ acls, quotas, users }: TravelSurvey): PlanLine[] {
  const all = [
    ...(acls?.create ?? []).map((text) => `+ ${text}`),
    ...(acls?.remove ?? []).map((text) => `- ${text}`),
    ...(acls?.withheld ?? []).map(({ acl, why }) => `waits: ${acl} (${why})`),
    ...(acls?.writers ?? []).map((text) => `not read-only: ${text}`),
    ...(quotas?.changes ?? []).map((text) => `quota ${text}`),
    ...(users?.changes ?? []).map((text) => `user ${text}`),
    ...(users?.missing ?? []).map(
      (user) => `user ${user} is missing and has no password under users.passwords`,
    ),
  ]
  const more = all.length - TRAVEL_LINES_MAX
  const shown = more > 0 ? [...all.slice(0, TRAVEL_LINES_MAX), `and ${more} more`] : all
  return shown.map((text) => ({ kind: 'detail', text: `      ${text}` }))
}

function headOf(plan: Plan): string {
  const count = (...kinds: LineKind[]) =>
    plan.actions.filter(({ action }) => kinds.includes(marks[action].kind)).length
  const parts = [`${count('add')} to add`, `${count('change')} to change`, `${count('remove')} to remove`]
  if (plan.refusals.length > 0)
    return `Fleet ${plan.fleet}: cannot be applied, ${counted(plan.refusals.length, 'problem')}`
  if (plan.actions.length === 0) return `Fleet ${plan.fleet}: nothing to do, everything is as declared`
  return `Fleet ${plan.fleet}: ${parts.join(', ')}`
}

/** `orders → kr.orders` for a mirror, else the name of the cluster, link or route. */
function nameOf(action: Action): string {
  if ('cluster' in action) return action.cluster
  if ('route' in action) return action.route
  if (!('topic' in action)) return action.link
  const names = action.topic === action.mirror ? action.topic : `${action.topic} → ${action.mirror}`
  return `${action.link}/${names}`
}

function notesOn(plan: Plan, subject: string): PlanLine[] {
  const lines: PlanLine[] = []
  for (const refusal of plan.refusals.filter((one) => one.subject === subject)) {
    lines.push({ kind: 'refusal', text: `      ✗ ${refusal.message} [${refusal.code}]` })
    // Choices say the same, for this very case.
    if (refusal.choices.length === 0) lines.push({ kind: 'detail', text: `        → ${refusal.remedy}` })
    for (const { choice, how, consequence } of refusal.choices) {
      lines.push({ kind: 'detail', text: `        ${choice}: ${how}` })
      lines.push({ kind: 'detail', text: `          ${consequence}` })
    }
  }
  for (const warning of plan.warnings.filter((one) => one.subject === subject)) {
    lines.push({ kind: 'warning', text: `      ! ${warning.message}` })
  }
  return lines
}
