import { faultOfDamage } from '../mirrors/damage.ts'
import type { ReportRecord } from '../state/reports.ts'
import type { Fault, GroupStatus } from '../status.ts'

type Stands = { readonly fault: Fault; readonly stands: boolean }

/** What the workers of a link tell in one generation, looked up by partition. */
export class Told {
  readonly #faults = new Map<string, Stands>()
  readonly #behind = new Map<string, number | null>()
  readonly #reports = new Map<string, ReportRecord>()

  constructor(reports: readonly ReportRecord[], generation: number | null) {
    for (const report of reports) {
      if (report.generation !== generation) continue
      this.#reports.set(report.worker, report)
      for (const { topic, partition, stands, fault } of report.faults) {
        this.#faults.set(keyOf(topic, partition), { fault: faultOfDamage(fault), stands })
      }
      for (const { topic, partition, since } of report.behind)
        this.#behind.set(keyOf(topic, partition), since)
    }
  }

  /** Of a partition by the source's name, or of the whole mirror where that is null. */
  faultOf(topic: string, partition: number | null): Stands | null {
    return this.#faults.get(keyOf(topic, partition)) ?? null
  }

  /** Seconds for which the source has held more than the mirror; null when `worker` does not say. */
  secondsBehind(worker: string, topic: string, partition: number, now: number): number | null {
    const since = this.#behind.get(keyOf(topic, partition))
    if (since !== undefined) return since === null ? null : Math.max(0, now - since) / 1_000
    const report = this.#reports.get(worker)
    return report === undefined || report.cut ? null : 0
  }

  /** What is in the way of any of them as a whole. */
  fault(): Fault | null {
    for (const { worker, fault } of this.#reports.values()) {
      if (fault !== null) return faultOfDamage({ ...fault, evidence: { ...fault.evidence, worker } })
    }
    return null
  }

  groups(): GroupStatus[] {
    return [...this.#reports.values()].flatMap(({ groups }) =>
      groups.map((group) => ({ ...group, fault: group.fault === null ? null : faultOfDamage(group.fault) })),
    )
  }

  /** Whether a worker has done its part of a repair. */
  hasObeyed(worker: string, intent: string): boolean {
    return this.#reports.get(worker)?.obeyed.includes(intent) === true
  }
}

function keyOf(topic: string, partition: number | null): string {
  return `${topic}/${partition ?? ''}`
}
