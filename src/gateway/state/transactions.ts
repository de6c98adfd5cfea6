import { TRANSACTIONAL_IDS_MAX } from '../limits.ts'

/** The cluster that knows a transactional id, and what it knows it by. */
export type Owner = { readonly cluster: string; readonly timeoutMs: number }

const TIMEOUT_MS = 60_000

/**
 * Which cluster knows each transactional id, and which have a transaction open. Pure. A cluster that has never heard
 * of an id refuses what is sent under it, so after a switch it matters who gave the id its producer.
 */
export class Transactions {
  readonly #owners = new Map<string, Owner>()
  /** By id, when the transaction must be over: its coordinator aborts it then. */
  readonly #open = new Map<string, number>()

  ownerOf(id: string): Owner | undefined {
    return this.#owners.get(id)
  }

  /** True when another cluster than `active` knows the id. Ids that nobody was seen with belong to nobody. */
  isForeign(id: string, active: string): boolean {
    const owner = this.#owners.get(id)
    return owner !== undefined && owner.cluster !== active
  }

  own(id: string, owner: Owner): void {
    this.#owners.delete(id)
    this.#owners.set(id, owner)
    if (this.#owners.size > TRANSACTIONAL_IDS_MAX) this.#owners.delete(this.#owners.keys().next().value!)
  }

  /** Something was sent that begins a transaction, or belongs to one. */
  begin(id: string, now: number): void {
    if (this.#open.has(id)) return
    if (this.#open.size >= TRANSACTIONAL_IDS_MAX) this.#open.delete(this.#open.keys().next().value!)
    this.#open.set(id, now + (this.#owners.get(id)?.timeoutMs ?? TIMEOUT_MS))
  }

  end(id: string): void {
    this.#open.delete(id)
  }

  isOpen(id: string, now: number): boolean {
    const until = this.#open.get(id)
    if (until === undefined) return false
    if (now < until) return true
    this.#open.delete(id)
    return false
  }

  openIds(now: number): string[] {
    return [...this.#open.keys()].filter((id) => this.isOpen(id, now))
  }

  /** What was open on a cluster that was left is nothing on the next one. */
  forgetOpen(): void {
    this.#open.clear()
  }
}
