import { clientErrors } from '../../client/errors.ts'
import { failoverErrors } from '../../failover/errors.ts'
import { linkErrors, type Names, withNames } from '../../link/errors.ts'
import { fleetErrors } from '../errors.ts'
import type { ClusterDeclaration, Fleet } from '../file/fleet.ts'
import { entryOf, type ObservedCluster, type ObservedFleet } from './observed.ts'
import type { Action, Choice, Refusal, RefusalCode, Warning } from './plan.ts'

/** What a plan is made from. */
export type PlanInput = {
  readonly declared: Fleet
  readonly observed: ObservedFleet
  /** Mirrors (`LINK/TOPIC`) that the operator wants to resume. */
  readonly resume: ReadonlySet<string>
}

/** A refusal carries the code of the error or fault that applying would have led to, and its remedy. */
const remedies: Readonly<Record<RefusalCode, string>> = {
  CLUSTER_ID_CHANGED: clientErrors.CLUSTER_ID_CHANGED.remedy,
  CLUSTER_UNREACHABLE: fleetErrors.CLUSTER_UNREACHABLE.remedy,
  CLUSTERS_ARE_ONE: fleetErrors.CLUSTERS_ARE_ONE.remedy,
  CHANGE_NEEDS_NEW_CLUSTER: fleetErrors.CHANGE_NEEDS_NEW_CLUSTER.remedy,
  MIRROR_CONFLICT: fleetErrors.MIRROR_CONFLICT.remedy,
  MIRROR_NOT_EMPTY: linkErrors.MIRROR_NOT_EMPTY.remedy,
  MIRROR_PARTITIONS: linkErrors.MIRROR_PARTITIONS.remedy,
  ROUTE_CLUSTER_FOREIGN: failoverErrors.ROUTE_CLUSTER_FOREIGN.remedy,
}

/** Where the parts of a plan are collected while it is made. */
export class Notes {
  readonly actions: Action[] = []
  readonly refusals: Refusal[] = []
  readonly warnings: Warning[] = []
  readonly facts: Record<string, string> = {}

  act(action: Action): void {
    this.actions.push(action)
  }

  warn(subject: string, message: string): void {
    this.warnings.push({ subject, message })
  }

  /** `names` stand in the remedy. */
  refuse(
    subject: string,
    code: RefusalCode,
    message: string,
    { names = {}, choices = [] }: { readonly names?: Names; readonly choices?: readonly Choice[] } = {},
  ): void {
    this.refusals.push({ subject, code, message, remedy: withNames(remedies[code], names), choices })
  }

  /** A fact that the plan rests on. */
  rest(name: string, value: string): void {
    this.facts[name] = value
  }
}

export function declaredCluster(input: PlanInput, name: string): ClusterDeclaration | null {
  return entryOf(input.declared.clusters, name)
}

export function observedCluster(input: PlanInput, name: string): ObservedCluster | null {
  return entryOf(input.observed.clusters, name)
}

export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}
