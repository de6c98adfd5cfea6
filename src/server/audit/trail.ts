import { randomUUID } from 'node:crypto'
import { systemClock } from '../../base/clock.ts'
import { KmcError, messageOf } from '../../base/error.ts'
import type { Log } from '../../base/log.ts'
import { whoami } from '../../base/whoami.ts'
import type { FleetStatus } from '../../fleet/run/fleet-status.ts'
import type { ClusterDoors } from '../cluster-doors.ts'
import { Attempts } from '../door/attempts.ts'
import type { Caller } from '../door/caller.ts'
import { serverError } from '../errors.ts'
import type { AskedChange, AuditTrail, ChangeEnd } from '../http/audit-trail.ts'
import { concernedClusters } from './concerned.ts'
import { AuditLog } from './log.ts'
import { type AuditEntry, type AuditRecord, entriesOf, keptValue } from './record.ts'

export type TrailOptions = {
  readonly doors: ClusterDoors
  readonly status: () => FleetStatus
  readonly mode: 'required' | 'best-effort'
  readonly log: Log
}

/** What is known of changes, and which clusters could not be asked. */
export type AuditView = {
  readonly entries: readonly AuditEntry[]
  readonly missing: readonly { readonly cluster: string; readonly why: string }[]
}

const WRITE_MS = 5_000
const READ_MS = 5_000
/** Refusals of one caller, and of all, that are written down a minute; the rest is only in the process's log. */
const REFUSALS = { each: 60, all: 600 }

/** Keeps changes in `__kmc_audit` of the clusters that they concern. */
export class ClusterTrail implements AuditTrail {
  readonly #options: TrailOptions
  readonly #logs = new Map<string, AuditLog>()
  readonly #refusals = new Attempts(systemClock.now, REFUSALS)

  constructor(options: TrailOptions) {
    this.#options = options
  }

  async begin(asked: AskedChange): Promise<(end: ChangeEnd) => Promise<void>> {
    const id = randomUUID()
    const clusters = concernedClusters(asked.on, this.#options.status())
    const why = await this.#write(recordOf(id, 'begun', asked, null), clusters)
    if (why !== null && this.#options.mode === 'required') {
      throw serverError('AUDIT_UNAVAILABLE', `the change cannot be written to the audit log: ${why}`, {
        retriable: true,
      })
    }
    return async (end) => {
      await this.#write(recordOf(id, 'ended', asked, end), clusters)
    }
  }

  async refused(asked: AskedChange, error: unknown): Promise<void> {
    const record = recordOf(randomUUID(), 'refused', asked, { error, change: {} })
    if (!this.#refusals.take(asked.who)) this.#options.log.warn({ record }, 'too many refusals to keep')
    else await this.#write(record, concernedClusters(asked.on, this.#options.status()))
  }

  /** Notes that somebody signed in. Nobody is kept waiting or out for it. */
  signedIn({ name, by }: Caller, address: string): void {
    const asked = { action: 'session.open', who: name, by, address, on: {} }
    const clusters = concernedClusters({}, this.#options.status())
    void this.#write(recordOf(randomUUID(), 'ended', asked, { error: null, change: {} }), clusters)
  }

  /**
   * Changes of all clusters, newest first. One that does not answer is named, with what was read of it before.
   */
  async read(signal: AbortSignal): Promise<AuditView> {
    const names = this.#options.status().clusters.map(({ name }) => name)
    const missing: { cluster: string; why: string }[] = []
    await Promise.all(
      names.map(async (cluster) => {
        const refresh = this.#use(cluster, (log, at, limit) => log.refresh(at, limit), READ_MS, signal)
        await refresh.catch((error: unknown) => missing.push({ cluster, why: messageOf(error) }))
      }),
    )
    return { entries: entriesOf(names.flatMap((name) => this.#logOf(name).records)), missing }
  }

  /**
   * Why no cluster has it; null as soon as one does. The others get it meanwhile: nobody waits for a cluster that is
   * gone.
   */
  async #write(record: AuditRecord, clusters: readonly string[]): Promise<string | null> {
    const { log } = this.#options
    const writing = clusters.map(async (cluster) => {
      try {
        await this.#use(cluster, (audit, at, signal) => audit.append(at, record, signal), WRITE_MS)
      } catch (error) {
        log.warn(
          { cluster, error: messageOf(error), record },
          'a change is not in the audit log of a cluster',
        )
        throw error
      }
    })
    try {
      await Promise.any(writing)
      return null
    } catch (error) {
      const [first] = (error as AggregateError).errors
      return first === undefined ? 'no cluster is known' : messageOf(first)
    }
  }

  #use(
    cluster: string,
    run: (log: AuditLog, at: Parameters<AuditLog['refresh']>[0], signal: AbortSignal) => Promise<void>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const options = signal === undefined ? { timeoutMs } : { timeoutMs, signal }
    const log = this.#logOf(cluster)
    return this.#options.doors.to(cluster).use((at, limit) => run(log, at, limit), options)
  }

  #logOf(cluster: string): AuditLog {
    const log = this.#logs.get(cluster) ?? new AuditLog()
    this.#logs.set(cluster, log)
    return log
  }
}

function recordOf(
  id: string,
  phase: AuditRecord['phase'],
  { action, who, by, address, on }: AskedChange,
  end: ChangeEnd | null,
): AuditRecord {
  return {
    ...{ format: 1, id, at: systemClock.now(), phase, action, who, by, address, on, host: whoami().host },
    before: keptValue(end?.change.before),
    after: keptValue(end?.change.after),
    error: end === null || end.error === null ? null : errorOf(end.error),
  }
}

/** Of a bug only the fact: its text may hold anything. */
function errorOf(error: unknown): { code: string; message: string } {
  if (error instanceof KmcError) return { code: error.code, message: error.message }
  return { code: 'INTERNAL', message: 'an error that nobody expected' }
}
