import type { Alert } from './book.ts'
import type { Subject } from './fact.ts'
import type { Severity } from './rules.ts'
import { matchesSubject } from './silence.ts'

/** Which alerts go to whom. What is left out does not matter. */
export type Tell = {
  readonly to: readonly string[]
  readonly severity?: Severity | undefined
  /** Names of rules. */
  readonly rules?: readonly string[] | undefined
  /** All of these names must be as given; `*` stands for any text. */
  readonly match?: Subject | undefined
  /** All of these labels of the rule must be as given. */
  readonly labels?: Subject | undefined
}

/** Who is told of an alert: everybody named by an entry that fits; without any entry, all. */
export function receiversOf(
  { rule, severity, subject, labels }: Pick<Alert, 'rule' | 'severity' | 'subject' | 'labels'>,
  tells: readonly Tell[],
  all: readonly string[],
): ReadonlySet<string> {
  if (tells.length === 0) return new Set(all)
  const fitting = tells.filter(
    (tell) =>
      (tell.severity === undefined || tell.severity === severity) &&
      (tell.rules === undefined || tell.rules.includes(rule)) &&
      (tell.match === undefined || matchesSubject(tell.match, subject)) &&
      (tell.labels === undefined || matchesSubject(tell.labels, labels)),
  )
  return new Set(fitting.flatMap(({ to }) => to))
}
