import type { LinkSession } from '../session.ts'
import { type ReportRecord, toldOf } from '../state/reports.ts'
import type { Fault, PartitionStatus } from '../status.ts'
import { mirrorStatus } from './mirrors.ts'

/** A report is one record of the state topic, which stays far below what a broker takes. */
const FAULTS_MAX = 200
const BEHIND_MAX = 2_000
const GROUPS_MAX = 500
/** What is behind by less is as good as in step: it may be so between any two looks. */
const BEHIND_MIN_SECONDS = 1
const SECOND_MS = 1_000
const MINUTE_MS = 60_000

export type Teller = {
  readonly link: string
  readonly worker: string
  readonly generation: number
  readonly isLeader: boolean
  /** What is in this worker's way as a whole. */
  readonly fault: Fault | null
  readonly obeyed: readonly string[]
}

/** What a worker has to say of its own share; the same as long as nothing changes that others need to know. */
export function reportOf(session: LinkSession, teller: Teller): ReportRecord {
  const { link, worker, generation, isLeader, fault } = teller
  const now = session.copying.clock.now()
  const faults: ReportRecord['faults'] = []
  const behind: ReportRecord['behind'] = []
  for (const mirror of session.mirrors()) {
    const { topic } = mirror
    if (isLeader && mirror.fault !== null) {
      faults.push({ topic, partition: null, stands: true, fault: toldOf(mirror.fault) })
    }
    for (const row of mirrorStatus(mirror, session).partitions) {
      if (row.worker !== worker) continue
      const { partition } = row
      if (row.fault !== null) {
        faults.push({ topic, partition, stands: row.state === 'faulted', fault: toldOf(row.fault) })
      }
      const since = behindSince(row, now)
      if (since !== 'in step') behind.push({ topic, partition, since })
    }
  }
  const groups = isLeader ? groupsOf(session) : []
  const cut = faults.length > FAULTS_MAX || behind.length > BEHIND_MAX || groups.length > GROUPS_MAX
  return {
    ...{ link, worker, generation, fault: fault === null ? null : toldOf(fault) },
    faults: faults.slice(0, FAULTS_MAX),
    behind: behind.slice(0, BEHIND_MAX),
    groups: groups.slice(0, GROUPS_MAX),
    obeyed: [...teller.obeyed],
    cut,
  }
}

/** An instant stays the same while nothing is copied, where seconds would count on. */
function behindSince({ lag: { seconds } }: PartitionStatus, now: number): number | null | 'in step' {
  if (seconds === null) return null
  if (seconds < BEHIND_MIN_SECONDS) return 'in step'
  return floorTo(SECOND_MS, now - Math.round(seconds * SECOND_MS))
}

function groupsOf(session: LinkSession): ReportRecord['groups'] {
  return session.groupStatus().map(({ asOf, fault, ...group }) => ({
    ...group,
    asOf: asOf === null ? null : floorTo(MINUTE_MS, asOf),
    fault: fault === null ? null : toldOf(fault),
  }))
}

function floorTo(unit: number, ms: number): number {
  return ms - (ms % unit)
}
