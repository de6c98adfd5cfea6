import { type Column, renderTable } from '../../src/cli/terminal/table.ts'
import type { Load } from './passages.ts'
import type { GatewayReport } from './run.ts'
import type { BothWays } from './single-records.ts'
import { type LoadSummary, summarize } from './summary.ts'

const MB = 1e6
const KIB = 1_024

/**
 * Shares of direct and CPU s/GiB: what is aimed at, and what a proof of the idea reached with Kafka's own tools on two
 * shared cores (produce at most 1.03, consume 0.69 to 0.78).
 */
const aims: Readonly<Record<'produce' | 'consume', { share: number; cpu: number; proof: string }>> = {
  produce: { share: 0.95, cpu: 1.0, proof: '96-103 %, 1.3' },
  consume: { share: 0.85, cpu: 0.8, proof: '69-78 %, 1.05' },
}

const kinds: Readonly<Record<Load, { readonly what: string; readonly kind: keyof typeof aims }>> = {
  write: { what: 'ready batches written', kind: 'produce' },
  read: { what: 'read by one connection', kind: 'consume' },
  'java-produce': { what: 'kafka-producer-perf-test', kind: 'produce' },
  'java-consume': { what: 'kafka-consumer-perf-test', kind: 'consume' },
}

const loadColumns: readonly Column<LoadSummary>[] = [
  { title: 'what', value: ({ load }) => kinds[load].what },
  number('direct MiB/s', ({ directMibPerSecond }) => directMibPerSecond.toFixed(0)),
  number('gateway', ({ gatewayMibPerSecond }) => gatewayMibPerSecond.toFixed(0)),
  number('of direct', ({ share }) => percent(share)),
  number('goal', ({ load }) => `>= ${percent(aims[kinds[load].kind].share)}`),
  number('cpu s/GiB', ({ gatewayCpuPerGib }) => gatewayCpuPerGib.toFixed(2)),
  number('goal', ({ load }) => `<= ${aims[kinds[load].kind].cpu.toFixed(1)}`),
  number('proof', ({ load }) => aims[kinds[load].kind].proof),
]

type Latency = {
  readonly what: string
  readonly ways: BothWays
  readonly goal: string
  readonly proof: string
}

const latencyColumns: readonly Column<Latency>[] = [
  { title: 'us until the answer', value: ({ what }) => what },
  number('direct p50', ({ ways }) => String(ways.direct.p50Us)),
  number('p99', ({ ways }) => String(ways.direct.p99Us)),
  number('gateway p50', ({ ways }) => String(ways.gateway.p50Us)),
  number('p99', ({ ways }) => String(ways.gateway.p99Us)),
  number('added p50', ({ ways }) => signed(ways.gateway.p50Us - ways.direct.p50Us)),
  number('p99', ({ ways }) => signed(ways.gateway.p99Us - ways.direct.p99Us)),
  number('goal', ({ goal }) => goal),
  number('proof', ({ proof }) => proof),
]

/** The report as lines for people. */
export function printGateway(report: GatewayReport): string[] {
  const { rounds, idle, peakRssBytes } = report
  const over = rounds === 1 ? 'one round' : `medians of ${rounds} rounds`
  const form = { columns: null, color: false }
  const singles: Latency[] = [
    { what: 'one at a time', ways: report.oneByOne, goal: '50, 200', proof: '8-85, <= 193' },
    { what: '1,000 records/s', ways: report.steadyLoad, goal: 'p99 < 1000', proof: '-' },
  ]
  return [
    `records of 1 KiB, 8 partitions, one broker, one gateway process; ${over}`,
    ...renderTable(summarize(report.passages), loadColumns, form),
    '',
    ...renderTable(singles, latencyColumns, form),
    '',
    `${idle.connections} clients that do nothing: ${(idle.bytesEach / KIB).toFixed(1)} KiB each, from ` +
      `${megabytes(idle.rssBefore)} to ${megabytes(idle.rssAfter)} MB (goal 10, proof 15)`,
    `under load the gateway held at most ${megabytes(peakRssBytes)} MB`,
  ]
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function signed(us: number): string {
  return us < 0 ? String(us) : `+${us}`
}

function megabytes(bytes: number): string {
  return (bytes / MB).toFixed(0)
}

function number<T>(title: string, value: (row: T) => string): Column<T> {
  return { title, value, align: 'right' }
}
