import { type AlertRule, shippedRules } from '../../observe/alerts/rules.ts'
import type { AlertsDeclaration, RuleDeclaration } from './alert-schema.ts'
import { durationMs } from './duration.ts'

const CLEAR_MS = 30_000
const REPEAT_MS = 4 * 60 * 60_000

/** The rules that count: those that come with kmc, as the file changes them, and those of the file. */
export function rulesOf(alerts: AlertsDeclaration | undefined): AlertRule[] {
  const declared = new Map(Object.entries(alerts?.rules ?? {}))
  const shipped = shippedRules.map((rule) => {
    const change = declared.get(rule.name)
    return change === undefined ? rule : changed(rule, change)
  })
  const isShipped = new Set(shippedRules.map(({ name }) => name))
  const own = [...declared].filter(([name]) => !isShipped.has(name))
  const all = [...shipped, ...own.map(([name, rule]) => changed(blank(name, rule), rule))]
  return all.filter(({ name }) => declared.get(name)?.enabled !== false)
}

/** Whether a rule of the file stands for itself: it then has to say what it looks at, and from where on. */
export function isOwnRule(name: string): boolean {
  return !shippedRules.some((rule) => rule.name === name)
}

function blank(name: string, { on, above }: RuleDeclaration): AlertRule {
  return {
    ...{ name, title: name, remedy: '', severity: 'warning', kind: on!, above: above! },
    ...{ holdMs: 0, clearMs: CLEAR_MS, repeatMs: REPEAT_MS },
  }
}

function changed(rule: AlertRule, change: RuleDeclaration): AlertRule {
  const { above, severity, title, remedy, match, labels } = change
  const said = { above, severity, title, remedy, match, labels }
  return {
    ...rule,
    ...(Object.fromEntries(
      Object.entries(said).filter(([, value]) => value !== undefined),
    ) as Partial<AlertRule>),
    ...(change.for === undefined ? {} : { holdMs: durationMs(change.for) }),
    ...(change.clear === undefined ? {} : { clearMs: durationMs(change.clear) }),
    ...(change.repeat === undefined ? {} : { repeatMs: durationMs(change.repeat) }),
  }
}
