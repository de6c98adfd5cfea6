import type { EngineProgress } from '../../engine/report.ts'
import type { ApplyStep } from '../../fleet/apply/apply-plan.ts'
import type { Plan } from '../../fleet/plan/plan.ts'

/** What the engine does, in one line: `Fetching Kafka 4.3.1 through Maven (12)`. */
export function engineLine({ text, done, total }: EngineProgress): string {
  if (done === undefined) return text
  return total === undefined ? `${text} (${done})` : `${text} (${done}/${total})`
}

/** A step of applying a plan that is worth a line; null for what the next lines say better. */
export function stepLine({ action, state, why }: ApplyStep): string | null {
  if (state === 'left') return `${action.subject}: left undone, ${why}`
  if (state !== 'done') return null
  switch (action.action) {
    case 'delete-link':
      return `${action.subject}: deleted; ${action.reason}`
    case 'stop-cluster':
      return `${action.subject}: stopped; ${action.reason}`
    case 'change-cluster':
    case 'change-link':
      return `${action.subject}: changed (${action.changes.map(({ key }) => key).join(', ')})`
    case 'create-link':
      return `${action.subject}: created`
    case 'release-mirror':
      return `${action.subject}: released; ${action.reason}`
    default:
      return null
  }
}

/** What the operator should know of a plan that was applied nevertheless. */
export function planNotes({ warnings, refusals }: Plan): string[] {
  return [
    ...refusals.map(({ message, remedy }) => `${message}\n  → ${remedy}`),
    ...warnings.map(({ subject, message }) => `${subject}: ${message}`),
  ]
}
