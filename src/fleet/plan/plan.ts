import type { StartPoint } from '../../link/spec.ts'
import type { TravelSurvey } from '../../link/travel/survey.ts'
import type {
  ClusterDeclaration,
  LinkDeclaration,
  ManagedClusterDeclaration,
  RouteDeclaration,
} from '../file/fleet.ts'

/** Version of the plan's form, in saved plans and under `-o json`. */
export const PLAN_FORMAT = 1

/**
 * What would have to be done so that what is found becomes what is declared. Plain JSON data without secrets; a saved
 * plan is this and nothing else. `actions` are in the order in which they are applied.
 */
export type Plan = {
  readonly format: typeof PLAN_FORMAT
  /** Hash over all the rest: a plan that was changed by hand is not applied. */
  readonly id: string
  readonly fleet: string
  /** When what it rests on was gathered. */
  readonly madeAt: number
  /** Hash of the declaration with its defaults; comments and the order of keys do not count. */
  readonly declared: string
  /** What was found, as far as the plan rests on it: a fact by its name, in words that can be compared and shown. */
  readonly facts: Readonly<Record<string, string>>
  /** Mirrors (`LINK/TOPIC`) for which the operator chose to resume. */
  readonly resume: readonly string[]
  readonly actions: readonly Action[]
  /** Why the plan must not be applied. While there is any, nothing of it is. */
  readonly refusals: readonly Refusal[]
  readonly warnings: readonly Warning[]
}

/** `subject`: `cluster seoul`, `link dr`, `mirror dr/orders` or `route shop`. */
export type Warning = { readonly subject: string; readonly message: string }

/** Codes of docs/reference/errors.md. */
export type RefusalCode =
  | 'CLUSTER_ID_CHANGED'
  | 'CLUSTER_UNREACHABLE'
  | 'CLUSTERS_ARE_ONE'
  | 'CHANGE_NEEDS_NEW_CLUSTER'
  | 'MIRROR_CONFLICT'
  | 'MIRROR_NOT_EMPTY'
  | 'MIRROR_PARTITIONS'
  | 'ROUTE_CLUSTER_FOREIGN'

export type Refusal = {
  readonly subject: string
  readonly code: RefusalCode
  readonly message: string
  readonly remedy: string
  /** What the operator can choose from; empty when there is no choice. */
  readonly choices: readonly Choice[]
}

export type Choice = {
  readonly choice: 'resume' | 'prefix' | 'delete'
  /** How to choose it: an option of `kmc plan`, a line for the file, or a command. */
  readonly how: string
  readonly consequence: string
}

/** A value that differs, in words. */
export type Change = { readonly key: string; readonly from: string; readonly to: string }

type Base = { readonly subject: string; readonly reason: string }

export type Action = Base &
  (
    | {
        /** Makes a managed cluster and starts it. */
        readonly action: 'create-cluster'
        readonly cluster: string
        readonly declaration: ManagedClusterDeclaration
      }
    | {
        /** Starts a managed cluster that is there, with its declaration as it is now. */
        readonly action: 'start-cluster'
        readonly cluster: string
        readonly declaration: ManagedClusterDeclaration
      }
    | {
        /** Gives a cluster another declaration. A managed one that runs is started again; links reconnect. */
        readonly action: 'change-cluster'
        readonly cluster: string
        readonly declaration: ClusterDeclaration
        readonly changes: readonly Change[]
        readonly restart: boolean
      }
    | {
        /** Stops a managed cluster that is no longer in the file. Its data stay. */
        readonly action: 'stop-cluster'
        readonly cluster: string
      }
    | {
        readonly action: 'create-link'
        readonly link: string
        readonly declaration: LinkDeclaration
      }
    | {
        readonly action: 'change-link'
        readonly link: string
        readonly declaration: LinkDeclaration
        readonly changes: readonly Change[]
      }
    | {
        /** Starts the worker of a link that is there. */
        readonly action: 'start-link'
        readonly link: string
        readonly declaration: LinkDeclaration
      }
    | {
        /** Ends a link. Its mirrors stay as ordinary topics. */
        readonly action: 'delete-link'
        readonly link: string
        readonly declaration: LinkDeclaration
        readonly mirrors: readonly string[]
      }
    | {
        /** What the link will do for a topic as soon as it works. */
        readonly action: 'create-mirror'
        readonly link: string
        readonly topic: string
        readonly mirror: string
        readonly partitions: number
        readonly onto: 'new-topic' | 'empty-topic' | 'earlier-mirror'
        readonly start: StartPoint
      }
    | {
        /** The link lets go of a mirror whose topic it no longer takes. The topic stays. */
        readonly action: 'release-mirror'
        readonly link: string
        readonly topic: string
        readonly mirror: string
      }
    | {
        /** Starts a gateway of a route. Where the route leads is kept on its clusters. */
        readonly action: 'create-route'
        readonly route: string
        readonly declaration: RouteDeclaration
      }
    | {
        /** Starts the gateway of a route anew, as it is declared now. */
        readonly action: 'change-route'
        readonly route: string
        readonly declaration: RouteDeclaration
        readonly changes: readonly Change[]
      }
    | {
        /** Starts the gateway of a route that is there. */
        readonly action: 'start-route'
        readonly route: string
        readonly declaration: RouteDeclaration
      }
    | {
        /** Ends the gateway of a route. Where it leads stays known: a route of that name goes on there. */
        readonly action: 'delete-route'
        readonly route: string
      }
    | {
        /** What the link will carry over besides records, as soon as it works. */
        readonly action: 'carry-over'
        readonly link: string
        readonly travel: TravelSurvey
      }
  )

export type ActionName = Action['action']

/** What ends before what begins, clusters before links, links before mirrors, and routes last. */
export const actionOrder: readonly ActionName[] = [
  'delete-route',
  'delete-link',
  'stop-cluster',
  'create-cluster',
  'change-cluster',
  'start-cluster',
  'create-link',
  'change-link',
  'start-link',
  'release-mirror',
  'create-mirror',
  'carry-over',
  'create-route',
  'change-route',
  'start-route',
]

/** 0 nothing to do, 3 there are changes, 1 the plan cannot be applied: the exit code of `kmc plan`. */
export function planExitCode(plan: Plan): 0 | 1 | 3 {
  if (plan.refusals.length > 0) return 1
  return plan.actions.length > 0 ? 3 : 0
}
