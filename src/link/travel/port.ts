import type { KmcError } from '../../base/error.ts'
import type { NewAcl } from '../../client/admin/acls.ts'
import type { Quota, QuotaChange } from '../../client/admin/quotas.ts'
import type { ScramChange, ScramUser } from '../../client/admin/scram-users.ts'

/** What a cluster says of itself beside topics and groups; either side of a link. */
export type TravelSide = {
  /** Null where the cluster has no authorizer. Entries with words that this version does not know are left out. */
  acls(): Promise<readonly NewAcl[] | null>
  /** Of users and client ids. */
  quotas(): Promise<readonly Quota[]>
  users(): Promise<readonly ScramUser[]>
}

/** One item that the destination refused, with its own reason; the others were done. */
export type Refused<T> = { readonly item: T; readonly error: KmcError }

export type TravelDestination = TravelSide & {
  createAcls(acls: readonly NewAcl[]): Promise<readonly Refused<NewAcl>[]>
  /** Removes exactly these; one that is gone already is no error. */
  deleteAcls(acls: readonly NewAcl[]): Promise<readonly Refused<NewAcl>[]>
  alterQuotas(changes: readonly QuotaChange[]): Promise<readonly Refused<QuotaChange>[]>
  alterUsers(changes: readonly ScramChange[]): Promise<readonly Refused<ScramChange>[]>
}
