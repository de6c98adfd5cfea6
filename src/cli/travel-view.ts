import type { TravelPart, TravelStatus } from '../link/travel/status.ts'
import type { TravelSurvey } from '../link/travel/survey.ts'
import { printable } from './terminal/text-width.ts'

/** A dry run on both clusters, or why there is none. */
export type Survey = TravelSurvey | { readonly trouble: string }

const LINES_MAX = 20

/** What has come over besides records, what waits and what hinders it, for `kmc link describe`. */
export function travelSummary(status: TravelStatus | null, survey: Survey | null): string[] {
  const parts = status === null ? [] : Object.entries(status).flatMap(([name, part]) => partLines(name, part))
  const lines = [...parts, ...surveyLines(survey)]
  return lines.length === 0 ? [] : ['', 'travels with the records:', ...lines.map(printable)]
}

function partLines(name: string, part: TravelPart): string[] {
  const { state, made, foreign, withheld, notes, fault } = part
  if (state === 'off' && made === 0 && notes.length === 0) return []
  const counts = [`${made} made by the link`, `${foreign} of others`, `${withheld} held back`]
  const trouble = fault === null ? [] : [`    ✗ ${fault.message} [${fault.code}]`, `      → ${fault.remedy}`]
  return [`  ${name}: ${state}, ${counts.join(', ')}`, ...trouble, ...notes.map((note) => `    ! ${note}`)]
}

function surveyLines(survey: Survey | null): string[] {
  if (survey === null) return []
  if ('trouble' in survey) return [`  what is missing now is not known: ${survey.trouble}`]
  const { acls, quotas } = survey
  const lines = [
    ...(acls?.create ?? []).map((text) => `to make: ${text}`),
    ...(acls?.remove ?? []).map((text) => `to remove: ${text}`),
    ...(acls?.withheld ?? []).map(({ acl, why }) => `held back (${why}): ${acl}`),
    ...(quotas?.changes ?? []).map((text) => `quota to change: ${text}`),
  ]
  const more = lines.length - LINES_MAX
  const shown = more > 0 ? [...lines.slice(0, LINES_MAX), `and ${more} more (-o json has them all)`] : lines
  return shown.map((line) => `    ${line}`)
}
