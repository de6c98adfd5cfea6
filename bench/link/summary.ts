import type { ContenderName } from './contender.ts'
import type { CopyResult } from './copy-run.ts'
import type { LimitResult } from './limits.ts'
import type { LimitName, ShapeReport } from './run.ts'

/** A figure over the rounds. */
export type Spread = { readonly min: number; readonly median: number; readonly max: number }

/** One line of a set's table. CPU seconds are per GiB of source wire bytes. */
export type Row = {
  readonly name: LimitName | ContenderName
  readonly mibPerSecond: Spread
  readonly recordsPerSecond: number
  /** In the second half of the set. */
  readonly lateMibPerSecond: number | null
  /** Speed as a multiple of MirrorMaker 2's as tuned; of the medians. */
  readonly againstTuned: number | null
  /** Speed as a share of the faster of both ways of writing alone; of the medians. */
  readonly ofWriteLimit: number | null
  /** Of the mirroring process; of this process where there is no mirror. */
  readonly cpuPerGib: Spread
  readonly sourceCpuPerGib: number | null
  readonly destinationCpuPerGib: number | null
  readonly peakRssBytes: number | null
}

/** What a mirror could reach where it shares these cores with both brokers. */
export type Possible = {
  /** CPU seconds per GiB of reading alone and of writing alone: the client and its broker together. */
  readonly readCpuPerGib: number
  readonly writeCpuPerGib: number
  /** All cores at work on both, and nothing else to do. */
  readonly mibPerSecond: number
  /** That speed as a share of the faster way of writing alone. */
  readonly ofWriteLimit: number
}

const MIB = 2 ** 20
const GIB = 2 ** 30

/** The lines of a set's table: the brokers' own limits, then the contenders. */
export function summarize({ limits, copies }: ShapeReport): Row[] {
  const speeds = new Map<Row['name'], number>()
  const everything = [...limits, ...copies]
  for (const { name } of everything) {
    const same = everything.filter((entry) => entry.name === name)
    speeds.set(name, spreadOf(same, ({ result }) => result.bytes / result.seconds).median)
  }
  const tuned = speeds.get('mm2-tuned')
  const written = Math.max(speeds.get('write-alone-1') ?? 0, speeds.get('write-alone-4') ?? 0)
  const ratios = (name: Row['name']) => ({
    againstTuned: tuned === undefined ? null : speeds.get(name)! / tuned,
    ofWriteLimit: speeds.get(name)! / written,
  })
  const limitRows = [...Map.groupBy(limits, ({ name }) => name)].map(([name, runs]) => limitRow(name, runs))
  const copyRows = [...Map.groupBy(copies, ({ name }) => name)].map(([name, runs]) => ({
    ...copyRow(name, runs),
    ...ratios(name),
  }))
  return [...limitRows, ...copyRows.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name))]
}

/**
 * Whoever mirrors has to read and to write, which cost at least what both cost alone. So CPU sets a limit to any
 * mirror on a machine, also to one that is as cheap as bare reading and writing.
 */
export function possibleOn(cores: number, { limits }: ShapeReport): Possible {
  const rows = [...Map.groupBy(limits, ({ name }) => name)].map(([name, runs]) => limitRow(name, runs))
  const read = rows.find(({ name }) => name === 'read-alone')!
  const writes = rows.filter(({ name }) => name !== 'read-alone')
  const write = writes.reduce((best, row) => (speedIn(row) > speedIn(best) ? row : best))
  const [readCpuPerGib, writeCpuPerGib] = [costOf(read), costOf(write)]
  const byCpu = (cores * (GIB / MIB)) / (readCpuPerGib + writeCpuPerGib)
  const mibPerSecond = Math.min(byCpu, speedIn(read), speedIn(write))
  return { readCpuPerGib, writeCpuPerGib, mibPerSecond, ofWriteLimit: mibPerSecond / speedIn(write) }
}

function speedIn({ mibPerSecond }: Row): number {
  return mibPerSecond.median
}

function costOf({ cpuPerGib, sourceCpuPerGib, destinationCpuPerGib }: Row): number {
  return cpuPerGib.median + (sourceCpuPerGib ?? 0) + (destinationCpuPerGib ?? 0)
}

const order: readonly Row['name'][] = ['mm2-default', 'mm2-tuned', 'exact-link']

type Run<Result> = { readonly result: Result }

function limitRow(name: LimitName, runs: readonly Run<LimitResult>[]): Row {
  const brokerCpu = perGib(runs, (result) => result.brokerCpuSeconds).median
  const isRead = name === 'read-alone'
  return {
    ...speedOf(runs),
    name,
    lateMibPerSecond: null,
    againstTuned: null,
    ofWriteLimit: null,
    cpuPerGib: perGib(runs, (result) => result.clientCpuSeconds),
    sourceCpuPerGib: isRead ? brokerCpu : null,
    destinationCpuPerGib: isRead ? null : brokerCpu,
    peakRssBytes: null,
  }
}

function copyRow(name: ContenderName, runs: readonly Run<CopyResult>[]) {
  return {
    ...speedOf(runs),
    name,
    lateMibPerSecond: spreadOf(runs, ({ result }) => result.lateBytesPerSecond / MIB).median,
    cpuPerGib: perGib(runs, (result) => result.mirrorCpuSeconds),
    sourceCpuPerGib: perGib(runs, (result) => result.sourceCpuSeconds).median,
    destinationCpuPerGib: perGib(runs, (result) => result.destinationCpuSeconds).median,
    peakRssBytes: Math.max(...runs.map(({ result }) => result.peakRssBytes)),
  }
}

type Speed = { readonly bytes: number; readonly records: number; readonly seconds: number }

function speedOf(runs: readonly Run<Speed>[]): Pick<Row, 'mibPerSecond' | 'recordsPerSecond'> {
  return {
    mibPerSecond: spreadOf(runs, ({ result }) => result.bytes / MIB / result.seconds),
    recordsPerSecond: spreadOf(runs, ({ result }) => result.records / result.seconds).median,
  }
}

function perGib<Result extends { readonly bytes: number }>(
  runs: readonly Run<Result>[],
  pick: (result: Result) => number,
): Spread {
  return spreadOf(runs, ({ result }) => (pick(result) / result.bytes) * GIB)
}

function spreadOf<T>(list: readonly T[], pick: (item: T) => number): Spread {
  const values = list.map(pick).toSorted((a, b) => a - b)
  const middle = values.length / 2
  const median = (values[Math.ceil(middle) - 1]! + values[Math.floor(middle)]!) / 2
  return { min: values[0]!, median, max: values.at(-1)! }
}
