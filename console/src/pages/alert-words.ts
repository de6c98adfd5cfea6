import type { AlertEventRow, AlertRow } from '../../../src/server/api/alerts.ts'
import { visible } from '../records/text.ts'
import { paths } from '../shell/paths.ts'

/** `cluster seoul, group billing`. */
export function subjectText(subject: Readonly<Record<string, string>>): string {
  return Object.entries(subject)
    .map(([name, value]) => `${name} ${visible(value)}`)
    .join(', ')
}

/** Where what an alert is about has its page. */
export function pageOf({ cluster, group, link, route }: Readonly<Record<string, string>>): string | null {
  if (link !== undefined) return paths.link(link)
  if (route !== undefined) return paths.route(route)
  if (cluster === undefined) return null
  return group === undefined ? paths.cluster(cluster) : paths.group(cluster, group)
}

export function toneOfAlert({ state, severity, isSilenced }: AlertRow): 'bad' | 'warn' | 'idle' {
  if (isSilenced || state === 'pending') return 'idle'
  return severity === 'critical' ? 'bad' : 'warn'
}

export const eventWords: Readonly<Record<AlertEventRow['what'], string>> = {
  firing: 'fired',
  again: 'still fired',
  recovered: 'recovered',
  gone: 'gone',
  test: 'test',
}
