import { type Column, groupDigits, renderTable } from '../../src/cli/terminal/table.ts'
import type { BenchReport, CalmReport, ShapeReport } from './run.ts'
import { type Possible, possibleOn, type Row, type Spread, summarize } from './summary.ts'

const MIB = 2 ** 20
const MB = 1e6

const names: Readonly<Record<Row['name'] | 'direct', string>> = {
  'read-alone': 'reading alone',
  'write-alone-1': 'writing alone, 1 conn.',
  'write-alone-4': 'writing alone, 4 conns.',
  'mm2-default': 'MirrorMaker 2, default',
  'mm2-tuned': 'MirrorMaker 2, tuned',
  'exact-link': 'exact link',
  direct: 'no mirror',
}

const speedColumns: readonly Column<Row>[] = [
  { title: 'what', value: ({ name }) => names[name] },
  number('MiB/s', ({ mibPerSecond }) => span(mibPerSecond, 0)),
  number('2nd half', ({ lateMibPerSecond }) => optional(lateMibPerSecond, (speed) => speed.toFixed(0))),
  number('records/s', ({ recordsPerSecond }) => groupDigits(Math.round(recordsPerSecond))),
  number('of mm2', ({ againstTuned }) => optional(againstTuned, (ratio) => `${ratio.toFixed(1)} x`)),
  number('of write', ({ ofWriteLimit }) => optional(ofWriteLimit, percentOf)),
  number('cpu s/GiB', ({ cpuPerGib }) => span(cpuPerGib, 1)),
  number('source', ({ sourceCpuPerGib }) => optional(sourceCpuPerGib, (seconds) => seconds.toFixed(1))),
  number('dest.', ({ destinationCpuPerGib }) =>
    optional(destinationCpuPerGib, (seconds) => seconds.toFixed(1)),
  ),
  number('peak MB', ({ peakRssBytes }) => optional(peakRssBytes, (bytes) => (bytes / MB).toFixed(0))),
]

const calmColumns: readonly Column<CalmReport>[] = [
  { title: 'what', value: ({ name }) => names[name] },
  number('p50 ms', ({ latency }) => latency.p50Ms.toFixed(1)),
  number('p99 ms', ({ latency }) => latency.p99Ms.toFixed(1)),
  number('max ms', ({ latency }) => latency.maxMs.toFixed(1)),
  number('idle cpu', ({ idle }) => optional(idle.mirrorCpuShare, percent)),
  number('source', ({ idle }) => percent(idle.sourceCpuShare)),
  number('dest.', ({ idle }) => percent(idle.destinationCpuShare)),
  number('idle MB', ({ idle }) => optional(idle.rssBytes, (bytes) => (bytes / MB).toFixed(0))),
]

const columnsExplained = [
  'of mm2: times the speed of MirrorMaker 2 as tuned. of write: share of the faster way of writing alone.',
  'possible: with all cores at reading and writing as they cost alone; no mirror here can be faster.',
  'cpu s/GiB: of the mirroring process per GiB of source bytes; source, dest.: of the two brokers.',
]

/** The report as lines for people: one table a set, then the one of calm times. */
export function printReport(report: BenchReport): string[] {
  const { machine, rounds } = report
  const over = rounds === 1 ? 'one round' : `median (least-most) of ${rounds} rounds`
  const memory = Math.round(Number(machine.memoryBytes) / MIB / 1024)
  const head = `${machine.cores} cores (${machine.cpu}), ${memory} GiB, Kafka ${machine.kafka}; ${over}`
  const shapes = report.shapes.flatMap((shape) => printShape(shape, Number(machine.cores)))
  return [head, ...columnsExplained, ...shapes, ...printCalm(report.calm)]
}

function printShape(report: ShapeReport, cores: number): string[] {
  const { shape, records, bytes } = report
  const size = shape.recordBytes >= 1024 ? `${shape.recordBytes / 1024} KiB` : `${shape.recordBytes} B`
  const wire = `${groupDigits(Math.round(bytes / MIB))} MiB on the wire`
  const title = `${shape.name}: ${groupDigits(records)} records of ${size}, ${shape.compression}, ${wire}`
  const rows = summarize(report)
  const table = renderTable(rows, speedColumns, { columns: null, color: false })
  return ['', title, ...table, sayPossible(possibleOn(cores, report), rows, cores)]
}

/** What keeps a mirror from 100 % of writing alone, and how near the exact link came. */
function sayPossible(possible: Possible, rows: readonly Row[], cores: number): string {
  const { readCpuPerGib, writeCpuPerGib, mibPerSecond, ofWriteLimit } = possible
  const costs = `reading ${readCpuPerGib.toFixed(1)} + writing ${writeCpuPerGib.toFixed(1)} CPU s/GiB`
  const limit = `${mibPerSecond.toFixed(0)} MiB/s (${percentOf(ofWriteLimit)} of write)`
  const link = rows.find(({ name }) => name === 'exact-link')
  const reached =
    link === undefined ? '' : `; the exact link: ${percentOf(link.mibPerSecond.median / mibPerSecond)}`
  return `possible on ${cores} cores: ${limit}, by ${costs}${reached}`
}

function printCalm(reports: readonly CalmReport[]): string[] {
  const title =
    'One record every 10 ms: time until a reader of the mirror has it. Then nothing at all: cost of idling.'
  return ['', title, ...renderTable(reports, calmColumns, { columns: null, color: false })]
}

function number<T>(title: string, value: (row: T) => string | null): Column<T> {
  return { title, value, align: 'right' }
}

function optional<T>(value: T | null, show: (value: T) => string): string | null {
  return value === null ? null : show(value)
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`
}

function percentOf(share: number): string {
  return `${(share * 100).toFixed(0)} %`
}

/** `186 (171-204)`, or the figure alone where all rounds agree. */
function span({ min, median, max }: Spread, digits: number): string {
  const shown = [median, min, max].map((value) => value.toFixed(digits))
  return min === max ? shown[0]! : `${shown[0]} (${shown[1]}-${shown[2]})`
}
