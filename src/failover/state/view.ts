import { isBeyond, isLater } from './rank.ts'
import type {
  EndsRecord,
  FailoverRecord,
  FarewellRecord,
  GatewayRecord,
  RouteChange,
  RouteRecord,
} from './records.ts'

/** The facts about routes that one log amounts to. */
export class RouteView {
  readonly #routes = new Map<string, RouteRecord>()
  readonly #last = new Map<string, RouteRecord>()
  readonly #gateways = new Map<string, Map<string, GatewayRecord>>()
  readonly #failovers = new Map<string, FailoverRecord>()
  /** What the last claim of a run was written over. */
  readonly #claimed = new Map<string, FailoverRecord>()
  readonly #ends = new Map<string, Map<string, EndsRecord>>()
  readonly #farewells = new Map<string, Map<string, FarewellRecord>>()

  apply(change: RouteChange): void {
    switch (change.kind) {
      case 'route':
        this.#route(change.name, change.record)
        break
      case 'gateway':
        this.#gateway(change.name, change.id, change.record)
        break
      case 'ends':
        note(this.#ends, change)
        break
      case 'farewell':
        note(this.#farewells, change)
        break
      case 'failover':
        this.#failover(change.name, change.record)
    }
  }

  route(name: string): RouteRecord | null {
    return this.#routes.get(name) ?? null
  }
  routes(): RouteRecord[] {
    return [...this.#routes.values()]
  }
  /** All gateways that have not ended in order, gone ones included. */
  gateways(route: string): GatewayRecord[] {
    return [...(this.#gateways.get(route)?.values() ?? [])]
  }
  failover(route: string): FailoverRecord | null {
    return this.#failovers.get(route) ?? null
  }
  /** The last word of the run before the claim that holds: it may have come after whoever claimed had looked. */
  claimedOver(route: string): FailoverRecord | null {
    return this.#claimed.get(route) ?? null
  }

  /** What gateways left that have ended in order. */
  farewells(route: string): FarewellRecord[] {
    return [...(this.#farewells.get(route)?.values() ?? [])]
  }

  /** Where mirrors ended, as a run of this plan has noted it, in parts. */
  ends(route: string, plan: string): EndsRecord[] {
    return [...(this.#ends.get(route)?.values() ?? [])].filter((part) => part.plan === plan)
  }

  /**
   * A record that lost against an earlier one of its epoch is the last of its key, and compaction would keep it alone.
   * This is the one that holds, to be written once more; null where all is in order.
   */
  overwritten(name: string): RouteRecord | null {
    const held = this.#routes.get(name)
    return held === undefined || this.#last.get(name)?.writer === held.writer ? null : held
  }

  /** Of one epoch the first record in the log holds: this makes the log a compare-and-set. A move counts before all. */
  #route(name: string, record: RouteRecord | null): void {
    if (record === null) {
      this.#routes.delete(name)
      this.#last.delete(name)
      return
    }
    this.#last.set(name, record)
    const held = this.#routes.get(name)
    if (held === undefined || isBeyond(record, held)) this.#routes.set(name, record)
  }

  #gateway(route: string, id: string, record: GatewayRecord | null): void {
    const known = this.#gateways.get(route) ?? new Map<string, GatewayRecord>()
    this.#gateways.set(route, known)
    const held = known.get(id)
    if (record === null) known.delete(id)
    // One that is said to be gone may have written meanwhile: then it is not.
    else if (!record.gone || (held !== undefined && isLater(record, held))) known.set(id, record)
  }

  #failover(route: string, record: FailoverRecord | null): void {
    if (record === null) {
      this.#failovers.delete(route)
      return
    }
    const held = this.#failovers.get(route)
    // Of two runners with one claim the first in the log goes on; a later claim takes the run over.
    const isNext =
      held === undefined ||
      record.claim > held.claim ||
      (record.claim === held.claim && record.runner.id === held.runner.id)
    if (!isNext) return
    this.#failovers.set(route, record)
    if (held !== undefined && record.claim > held.claim) this.#claimed.set(route, held)
  }
}

function note<T>(
  known: Map<string, Map<string, T>>,
  { name, id, record }: { readonly name: string; readonly id: string; readonly record: T | null },
): void {
  const ofRoute = known.get(name) ?? new Map<string, T>()
  known.set(name, ofRoute)
  if (record === null) ofRoute.delete(id)
  else ofRoute.set(id, record)
}
