import { type Column, renderTable } from '../../src/cli/terminal/table.ts'
import type { Answered } from './callers.ts'
import type { Part, ServerReport } from './run.ts'

const MB = 1e6

const columns: readonly Column<Answered>[] = [
  { title: 'what', value: ({ what }) => what },
  { title: 'requests', value: ({ requests }) => requests, align: 'right' },
  ms('p50 ms', ({ p50Ms }) => p50Ms),
  ms('p99', ({ p99Ms }) => p99Ms),
  ms('most', ({ maxMs }) => maxMs),
  {
    title: 'no success',
    value: ({ refused }) =>
      Object.entries(refused)
        .map(([status, count]) => `${count} x ${status}`)
        .join(', ') || '-',
  },
]

/** The report as lines for people. */
export function printServer(report: ServerReport): string[] {
  const { contents, callers, firstLookMs, idleRssBytes, idleCpuShare, peakRssBytes } = report
  return [
    `three clusters, one with ${contents.topics} topics and ${contents.groups} groups; ${callers} callers`,
    `everything seen after ${(firstLookMs / 1_000).toFixed(1)} s; then, with nobody asking, ` +
      `${(idleRssBytes / MB).toFixed(0)} MB and ${(idleCpuShare * 100).toFixed(1)} % of a core; at most ${(peakRssBytes / MB).toFixed(0)} MB`,
    ...report.parts.flatMap((part) => ['', headOf(part), ...renderTable(part.answers, columns, form)]),
  ]
}

const form = { columns: null, color: false }

function headOf({ title, requests, seconds, serverCpuSeconds }: Part): string {
  const each = requests === 0 ? '-' : ((serverCpuSeconds * 1_000) / requests).toFixed(2)
  return `${title}: ${Math.round(requests / seconds)} requests/s, ${each} ms of the server's CPU each`
}

function ms(title: string, value: (row: Answered) => number): Column<Answered> {
  return { title, value: (row) => (Number.isNaN(value(row)) ? null : value(row).toFixed(1)), align: 'right' }
}
