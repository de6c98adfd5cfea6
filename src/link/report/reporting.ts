import { isDeepStrictEqual } from 'node:util'
import type { LinkSession } from '../session.ts'
import type { SessionOptions } from '../session-options.ts'
import { hindranceOf } from './link.ts'
import { reportOf } from './telling.ts'

export type ReportingOptions = Pick<SessionOptions, 'spec' | 'share' | 'writer' | 'reports' | 'clock'> & {
  readonly session: LinkSession
}

/**
 * Keeps what this worker tells of its share in `__kmc_state` as it is. Compared is what stands there, so that a record
 * of ours that was written over, or never arrived, is written again.
 */
export class Reporting {
  readonly #options: ReportingOptions

  constructor(options: ReportingOptions) {
    this.#options = options
  }

  async step(): Promise<void> {
    const { spec, share, writer, reports, clock, session } = this.#options
    if (reports === undefined || !session.discovered) return
    const { generation } = writer
    const told = reportOf(session, {
      ...{ link: spec.name, worker: share.self, generation, isLeader: share.isLeader },
      fault: hindranceOf(session, clock.now()),
      obeyed: session.obeyed(),
    })
    const all = reports.list()
    const known = all.find(({ worker }) => worker === share.self)
    const isAsTold = known !== undefined && isDeepStrictEqual(known, JSON.parse(JSON.stringify(told)))
    if (!isAsTold) await reports.save(share.self, told)
    if (!share.isLeader) return
    // Whoever told them works under another name now, or not at all.
    const ended = all.filter((report) => report.generation < generation && report.worker !== share.self)
    for (const { worker } of ended) await reports.save(worker, null)
  }
}
