import { writerTexts } from '../fence/direct-writers.ts'
import { fenceText } from '../fence/report.ts'
import type { Course } from '../run/course.ts'
import { type LostPartition, type Memo, memoSchema } from '../run/memo.ts'
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
      lost: { records: one.records, bytes: one.bytes, seconds: secondsOf([one]), atLeast: one.isShort },
    })),
    partitionsInAll: Math.max(partitions, memo.lost?.length ?? 0),
    rtoMs: probe === null ? heldMs(memo) : probe.longestMs,
    groups: memo.clamped.map(({ group, topic, partition, from: was, to: is }) => {
      const text = `${topic}-${partition} was set back from ${was} to ${is}`
      return { group, positions: 1, reRead: 0, text }
    }),
    verification: memo.verified === null ? null : { ...memo.verified, partitions },
    fence: memo.fence,
    directWriters: memo.directWriters,
    left: leftToDo(run, memo, { from, to }),
  }
}

/** A switchover loses nothing, or it is undone; of a failover it is known what its gateways have told. */
function lostInAll(
  { kind, state }: FailoverRecord,
  { lost, lostMore, atLeast, gone }: Memo,
): FailoverReceipt['lost'] {
  const isUnsure = atLeast.length > 0 || gone.length > 0
  if (state === 'undone') return { records: 0, bytes: 0, seconds: 0 }
  if (kind === 'switchover') return { records: 0, bytes: 0, seconds: 0, ...(isUnsure && { atLeast: true }) }
  if (lost === null) return { records: null, bytes: null, seconds: null }
  const all = lostMore === null ? lost : [...lost, lostMore]
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const records = sum(all.map((one) => one.records))
  const bytes = sum(all.map((one) => one.bytes))
  return { records, bytes, seconds: secondsOf(all), atLeast: isUnsure }
}

function secondsOf(lost: readonly Pick<LostPartition, 'firstAt' | 'lastAt'>[]): number {
  const first = lost.flatMap(({ firstAt }) => firstAt ?? [])
  const last = lost.flatMap(({ lastAt }) => lastAt ?? [])
  return first.length === 0 ? 0 : Math.max(0, Math.max(...last) - Math.min(...first)) / 1_000
}

function heldMs({ heldFrom, heldTo }: Memo): number | null {
  return heldFrom === null || heldTo === null ? null : heldTo - heldFrom
}

/** What an operator has to see to where the fence does not stop everybody. */
function fenceLeft({ fence, directWriters }: Memo): string[] {
  const open = fence !== null && fence.state !== 'raised' ? [fenceText(fence)] : []
  const writers = writerTexts(directWriters).map((who) => `${who} wrote past the route: lead it to the route`)
  return [...open, ...writers]
}

/** Nobody knows what passed through a gateway that did not say that it had let go. */
function goneText({ gone }: Memo, { kind }: FailoverRecord, from: string): string[] {
  if (gone.length === 0) return []
  const who = `gateway ${gone.join(', ')} did not answer and went on without a lease`
  const twice = kind === 'failover' ? '; what was on its way through it may be there twice' : ''
  return [`${who}: what it still told clients of ${from}, if it lives, is not counted${twice}`]
}

function backText({ course }: Memo): string {
  return course === null ? '' : `: once it is there again, kmc link reverse ${course.link}`
}

function leftToDo(run: FailoverRecord, memo: Memo, { from, to }: Pick<Course, 'from' | 'to'>): string[] {
  const records = lostInAll(run, memo).records ?? 0
  const isCounted = run.kind === 'failover' && memo.lost !== null
  const direct = `records that were written to ${from} past the route`
  const uncounted = `not counted as lost: ${[...memo.uncounted, direct].join('; ')}`
  return [
    ...goneText(memo, run, from),
    ...(run.state === 'undone' ? [`the route is back at ${from}: step "${run.step}" failed`] : []),
    ...(run.state === 'failed' ? [`the run stopped at "${run.step}": repeat the command to go on`] : []),
    ...(records > 0 ? [`${from} has ${records.toLocaleString('en-US')} records that ${to} lacks`] : []),
    ...(memo.lostMore === null
      ? []
      : [
          `${memo.lostMore.records} of these in ${memo.lostMore.partitions} partitions that are not named here`,
        ]),
    ...memo.atLeast.map((why) => `more may be lost: ${why}`),
    ...(isCounted ? [uncounted] : []),
    ...(run.kind === 'failover' && run.state !== 'undone'
      ? [`no link brings what is written on ${to} back to ${from} yet${backText(memo)}`]
      : []),
    ...fenceLeft(memo),
    ...memo.notes,
  ]
}
