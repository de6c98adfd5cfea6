import type { Subject } from './fact.ts'

/** Nobody is told of alerts that match, until it ends. What matches goes on to be watched and shown. */
export type Silence = {
  readonly id: string
  /** Left out: every rule. */
  readonly rule?: string
  /** All of these names must be as given; `*` stands for any text. */
  readonly subject: Subject
  readonly until: number
  readonly by: string
  readonly why: string
}

export function isSilenced(
  alert: { readonly rule: string; readonly subject: Subject },
  silences: Iterable<Silence>,
  now: number,
): boolean {
  for (const { rule, subject, until } of silences) {
    if (until <= now || (rule !== undefined && rule !== alert.rule)) continue
    if (matchesSubject(subject, alert.subject)) return true
  }
  return false
}

/** Whether a subject has all of these names, each as its pattern says. */
export function matchesSubject(patterns: Subject, subject: Subject): boolean {
  return Object.entries(patterns).every(([name, pattern]) => matches(pattern, subject[name]))
}

function matches(pattern: string, text: string | undefined): boolean {
  if (text === undefined) return false
  const [head = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return text === pattern
  const tail = rest.pop()!
  if (!text.startsWith(head) || !text.endsWith(tail) || text.length < head.length + tail.length) return false
  const end = text.length - tail.length
  let at = head.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}
