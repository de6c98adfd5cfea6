import type { Course } from '../run/course.ts'
import { type Memo, memoSchema } from '../run/memo.ts'
import type { FailoverRecord } from '../state/records.ts'
import type { FailoverReceipt } from './receipt.ts'

/** What a run that has come to its end leaves to remember: taken from what it has noted of itself. */
export function receiptOfRun(
  run: FailoverRecord,
  { from, to }: Pick<Course, 'from' | 'to'>,
): FailoverReceipt {
  const memo = memoSchema.parse(run.memo ?? {})
  const { id, route, plan, kind, steps, runner } = run
  const { probe, partitions } = memo
  const verified = steps.find(({ name }) => name === 'verify' && kind === 'switchover')
  return {
    ...{ id, route, plan, kind, from, to },
    by: { user: runner.user, host: runner.host },
    outcome: run.state === 'undone' || run.state === 'failed' ? run.state : 'done',
    startedAt: steps[0]?.startedAt ?? run.at,
    endedAt: run.at,
    steps: steps.map((step) => ({ ...step })),
    lost: lostInAll(run, memo),
    partitions: (memo.lost ?? []).map((one) => ({
      ...{ topic: one.topic, mirror: one.topic, partition: one.partition },
      ...{ sourceEnd: one.to, continuedAt: one.from },
      lost: { records: one.records, bytes: one.bytes, seconds: null },
    })),
    partitionsInAll: Math.max(partitions, memo.lost?.length ?? 0),
    rtoMs: probe === null ? heldMs(memo) : probe.longestMs,
    groups: memo.clamped.map(({ group, topic, partition, from: was, to: is }) => {
      const text = `${topic}-${partition} was set back from ${was} to ${is}`
      return { group, positions: 1, reRead: 0, text }
    }),
    verification: verified?.note ? { equal: isProved(verified.note), partitions, text: verified.note } : null,
    directWriters: [],
    left: leftToDo(run, memo, { from, to }),
  }
}

/** The step says so where it has compared everything; a difference would have ended it. */
function isProved(note: string): true | null {
  return / same on both sides$/.test(note) ? true : null
}

/** A switchover loses nothing, or it is undone; of a failover what gateways were not asked about is not known. */
function lostInAll({ kind }: FailoverRecord, { lost, untold }: Memo): FailoverReceipt['lost'] {
  if (kind === 'switchover') return { records: 0, bytes: 0, seconds: 0 }
  if (lost === null || untold.length > 0) return { records: null, bytes: null, seconds: null }
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const records = sum(lost.map((one) => one.records))
  return { records, bytes: sum(lost.map(({ bytes }) => bytes)), seconds: records === 0 ? 0 : null }
}

function heldMs({ heldFrom, heldTo }: Memo): number | null {
  return heldFrom === null || heldTo === null ? null : heldTo - heldFrom
}

function leftToDo(run: FailoverRecord, memo: Memo, { from, to }: Pick<Course, 'from' | 'to'>): string[] {
  const records = (memo.lost ?? []).reduce((sum, one) => sum + one.records, 0)
  const untold = `${memo.untold.length} gateways never said what they had seen acknowledged: ${memo.untold.join(', ')}`
  return [
    ...(run.state === 'failed' ? [`the run stopped at "${run.step}": repeat the command to go on`] : []),
    ...(records > 0 ? [`${from} has ${records.toLocaleString('en-US')} records that ${to} lacks`] : []),
    ...(memo.untold.length > 0 ? [untold] : []),
    ...(run.kind === 'failover' ? [`no link brings what is written on ${to} back to ${from} yet`] : []),
    ...memo.notes,
  ]
}
