import type { AlertEvent } from './book.ts'

/** What receivers get: all that there was to tell at one time. */
export type Notification = {
  readonly at: number
  readonly events: readonly AlertEvent[]
}

/** Lines of a text for people; the rest is counted. */
const LINES_MAX = 40

const heads: Readonly<Record<AlertEvent['what'], string>> = {
  firing: 'FIRING',
  again: 'STILL FIRING',
  recovered: 'RECOVERED',
  gone: 'GONE',
  test: 'TEST',
}

/** One line that says how much there is and how bad it is. */
export function headline({ events }: Notification): string {
  const [first] = events
  if (events.length === 1 && first !== undefined) return lineOf(first)
  const counts = Map.groupBy(events, ({ what }) => what)
  return `kmc: ${[...counts].map(([what, list]) => `${list.length} ${heads[what].toLowerCase()}`).join(', ')}`
}

/** A line for each event. */
export function lines({ events }: Notification): string[] {
  const shown = events.slice(0, LINES_MAX).map(lineOf)
  return events.length > LINES_MAX ? [...shown, `… and ${events.length - LINES_MAX} more`] : shown
}

function lineOf({ what, alert }: AlertEvent): string {
  const { severity, title, subject } = alert
  const names = Object.entries(subject).map(([name, value]) => `${name} ${value}`)
  const level = what === 'firing' || what === 'again' ? ` (${severity})` : ''
  return `${heads[what]}${level}: ${title}: ${names.join(', ')}`
}
