import type { Fault } from '../status.ts'

/** One subject of what travels: how many items, and what hinders it. */
export type TravelPart = {
  /** `off`: nothing of it was asked for and nothing is left; `nowhere`: a side cannot hold any, `note` says which. */
  readonly state: 'off' | 'in-step' | 'nowhere' | 'faulted'
  /** Items at the destination that the link made. */
  readonly made: number
  /** Items that were there before; the link never touches them. */
  readonly foreign: number
  /** Items that wait, or cannot be carried. */
  readonly withheld: number
  /** What to know about it, in sentences. */
  readonly notes: readonly string[]
  /** When both sides were compared last; null when they never were. */
  readonly asOf: number | null
  readonly fault: Fault | null
}

/** What travels beside the records, as it stands. */
export type TravelStatus = {
  /** `made`: mirrors in step; `withheld`: mirrors that hold settings which the source has otherwise. */
  readonly configs: TravelPart
  readonly acls: TravelPart
  readonly quotas: TravelPart
  /** `withheld`: users that the destination lacks and whose password the link was not given. */
  readonly users: TravelPart
  /** `made`: mirrors that this worker deleted after their topics. */
  readonly deletions: TravelPart
}
