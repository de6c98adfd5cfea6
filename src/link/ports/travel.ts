import { type Acl, createAcls, deleteAcls, describeAcls, type NewAcl } from '../../client/admin/acls.ts'
import { alterQuotas, describeQuotas, type Quota, type QuotaChange } from '../../client/admin/quotas.ts'
import {
  alterScramUsers,
  describeScramUsers,
  type ScramChange,
  type ScramUser,
} from '../../client/admin/scram-users.ts'
import type { Cluster } from '../../client/cluster.ts'
import { isKafkaError } from '../../client/errors.ts'
import { type Outcome, unwrap } from '../../client/outcome.ts'
import { FenceLog } from '../state/fences.ts'
import { StateStore } from '../state/store.ts'
import { keyOfAcl } from '../travel/acls/rules.ts'
import type { OwnedBook, OwnedChange, OwnedRecord } from '../travel/owned.ts'
import type { Refused, TravelDestination } from '../travel/port.ts'

const LIMITS = { timeoutMs: 15_000 }
/** Entries of one request; a controller writes them as one batch of records, which has a limit of its own. */
const AT_ONCE = 500

/** A real cluster as either side of what travels beside the records. */
export class TravelAdapter implements TravelDestination {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  async acls(): Promise<NewAcl[] | null> {
    try {
      return (await describeAcls(this.#cluster, {}, LIMITS)).flatMap((acl) => knownAcl(acl) ?? [])
    } catch (error) {
      if (isKafkaError(error, 'SECURITY_DISABLED')) return null
      throw error
    }
  }

  async quotas(): Promise<Quota[]> {
    const all = await describeQuotas(this.#cluster, {}, LIMITS)
    return all.filter(({ entity }) =>
      Object.keys(entity).every((type) => type === 'user' || type === 'client-id'),
    )
  }

  async users(): Promise<ScramUser[]> {
    return (await describeScramUsers(this.#cluster, LIMITS)).map(unwrap)
  }

  createAcls(acls: readonly NewAcl[]): Promise<Refused<NewAcl>[]> {
    return inParts(acls, (part) => createAcls(this.#cluster, part, LIMITS))
  }

  deleteAcls(acls: readonly NewAcl[]): Promise<Refused<NewAcl>[]> {
    return inParts(acls, (part) => deleteAcls(this.#cluster, part, LIMITS))
  }

  alterQuotas(changes: readonly QuotaChange[]): Promise<Refused<QuotaChange>[]> {
    return inParts(changes, (part) => alterQuotas(this.#cluster, part, LIMITS))
  }

  alterUsers(changes: readonly ScramChange[]): Promise<Refused<ScramChange>[]> {
    return inParts(changes, (part) => alterScramUsers(this.#cluster, part, LIMITS))
  }
}

/**
 * The source of a link. What kmc denies there for the fence of a route is about where that route leads, and never
 * travels: it would lock clients out of the very cluster that they were moved to.
 */
export class TravelSource extends TravelAdapter {
  readonly #name: string
  readonly #notes: FenceLog

  /** Fences of both clusters are noted on the destination as well. */
  constructor(source: Cluster, destination: Cluster) {
    super(source)
    this.#name = source.name
    this.#notes = new FenceLog(destination)
  }

  override async acls(): Promise<NewAcl[] | null> {
    // An entry is noted before it is made and until it is gone, so one of both looks knows it.
    const before = await this.#fences()
    const acls = await super.acls()
    const own = new Set([...before, ...(await this.#fences())].map(keyOfAcl))
    return acls?.filter((acl) => !own.has(keyOfAcl(acl))) ?? null
  }

  async #fences(): Promise<NewAcl[]> {
    await this.#notes.refresh()
    return this.#notes.entriesOn(this.#name)
  }
}

/** A link's notes in `__kmc_state`, read by a store of its own so that they are never older than the question. */
export class OwnedNotes implements OwnedBook {
  readonly #link: string
  readonly #store: StateStore

  constructor(cluster: Cluster, link: string) {
    this.#link = link
    this.#store = new StateStore(cluster)
  }

  async read(): Promise<ReadonlyMap<string, OwnedRecord>> {
    await this.#store.refresh()
    return this.#store.view.owned(this.#link)
  }

  async write(changes: readonly OwnedChange[]): Promise<void> {
    await this.#store.appendAll(changes.map((change) => ({ kind: 'owned', name: this.#link, ...change })))
  }
}

async function inParts<T>(
  items: readonly T[],
  ask: (part: readonly T[]) => Promise<readonly Outcome<unknown>[]>,
): Promise<Refused<T>[]> {
  const refused: Refused<T>[] = []
  for (let at = 0; at < items.length; at += AT_ONCE) {
    const part = items.slice(at, at + AT_ONCE)
    for (const [index, outcome] of (await ask(part)).entries()) {
      if (!outcome.ok) refused.push({ item: part[index]!, error: outcome.error })
    }
  }
  return refused
}

function knownAcl({ resourceType, patternType, operation, permission, ...rest }: Acl): NewAcl | null {
  if (resourceType === null || patternType === null || operation === null || permission === null) return null
  return { resourceType, patternType, operation, permission, ...rest }
}
