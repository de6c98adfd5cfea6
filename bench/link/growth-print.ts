import { type Column, renderTable } from '../../src/cli/terminal/table.ts'
import { cpuPerGib, type GrowthResult } from './growth.ts'

const MIB = 2 ** 20
const MB = 1e6

const columns: readonly Column<GrowthResult>[] = [
  { title: 'case', value: ({ growth }) => growth.name },
  number('MiB/s', ({ bytes, seconds }) => (bytes / MIB / seconds).toFixed(0)),
  number('cpu s/GiB', (result) => cpuPerGib(result).toFixed(2)),
  number('peak MB', ({ peakRssBytes }) => (peakRssBytes / MB).toFixed(0)),
  number('p50 ms', ({ latency }) => latency.p50Ms.toFixed(1)),
  number('p99 ms', ({ latency }) => latency.p99Ms.toFixed(1)),
  number('idle cpu', ({ idleCpuShare }) => `${(idleCpuShare * 100).toFixed(2)} %`),
  number('idle MB', ({ idleRssBytes }) => (idleRssBytes / MB).toFixed(0)),
]

/** The results as a table for people. */
export function printGrowth(results: readonly GrowthResult[]): string[] {
  return [
    'One thing grows at a time, else 1 link, 8 partitions, 1 KiB, no gaps. cpu, MB: of all workers together.',
    ...renderTable(results, columns, { columns: null, color: false }),
  ]
}

function number(title: string, value: (result: GrowthResult) => string): Column<GrowthResult> {
  return { title, value, align: 'right' }
}
