import { brokerFaults } from './brokers.ts'
import type { Fault } from './fault.ts'
import { mirrorFaults } from './mirrors.ts'
import { networkFaults } from './network.ts'
import { sourceFaults } from './source.ts'
import { workerFaults } from './workers.ts'

/** Every kind of fault by its name. */
export const faults: ReadonlyMap<string, Fault> = new Map(
  [...networkFaults, ...brokerFaults, ...workerFaults, ...sourceFaults, ...mirrorFaults].map((fault) => [
    fault.kind,
    fault,
  ]),
)

export const faultKinds: readonly string[] = [...faults.keys()]
