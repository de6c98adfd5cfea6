import { randomUUID } from 'node:crypto'
import { whoami } from '../../base/whoami.ts'
import { failoverError } from '../errors.ts'
import { arbiterOf, highest, isLater } from './rank.ts'
import type {
  EndsRecord,
  FailoverRecord,
  FarewellRecord,
  GatewayRecord,
  RouteChange,
  RouteRecord,
} from './records.ts'
import type { RouteView } from './view.ts'

/** The part of a `RouteLog` that the store needs. */
export type RouteStoreLog = {
  readonly cluster: string
  readonly view: RouteView
  append(change: RouteChange): Promise<void>
  /** Reads to the end of the log. */
  refresh(): Promise<void>
}

/** What a next record says otherwise than the one before. */
export type RouteStep = Partial<
  Pick<RouteRecord, 'phase' | 'active' | 'activeClusterId' | 'target' | 'plan' | 'fence' | 'alone' | 'asks'>
>

/** Tries at a claim before giving up: each lost one means that another runner claimed in the same instant. */
const CLAIMS_MAX = 10

/** One route on the logs of both its clusters, or of the one that can be reached. */
export class RouteStore {
  readonly name: string
  readonly #clusters: readonly [string, string]
  readonly #logs: readonly RouteStoreLog[]

  constructor(name: string, clusters: readonly [string, string], logs: readonly RouteStoreLog[]) {
    this.name = name
    this.#clusters = clusters
    this.#logs = logs
  }

  /** Where the route leads, as far as these logs were read; null for one that was never written. */
  route(): RouteRecord | null {
    return highest(this.#logs.map(({ view }) => view.route(this.name)))
  }

  /** Of each gateway the latest that any of the logs has. */
  gateways(): GatewayRecord[] {
    return latestGateways(this.#logs.map(({ view }) => view.gateways(this.name)))
  }

  /** What gateways left that ended since the route went over last, as each log has it. */
  farewells(): FarewellRecord[] {
    const moves = this.route()?.moves ?? 0
    return this.#logs.flatMap(({ view }) => view.farewells(this.name)).filter((one) => one.moves === moves)
  }

  /** Reads all logs to their ends. */
  async refresh(): Promise<void> {
    await Promise.all(this.#logs.map((log) => log.refresh()))
  }

  /**
   * Writes the record after `from`, on the arbiter first, and then on the other cluster as far as it can be reached.
   * A step to another cluster counts as a move. @throws ROUTE_MOVED_ON when somebody else wrote one meanwhile
   */
  async advance(from: RouteRecord, step: RouteStep): Promise<RouteRecord> {
    const record = nextRecord(from, step)
    const arbiter = this.#log(arbiterOf(from, this.#clusters))
    await arbiter.refresh()
    const current = this.route()
    if (current === null || current.writer !== from.writer) throw this.#movedOn(current)
    await arbiter.append({ kind: 'route', name: this.name, record })
    await arbiter.refresh()
    const held = arbiter.view.route(this.name)
    if (held?.writer !== record.writer) throw this.#movedOn(held)
    const others = record.alone ? [] : this.#logs.filter((log) => log !== arbiter)
    await Promise.all(others.map((log) => log.append({ kind: 'route', name: this.name, record })))
    return record
  }

  /** The latest run, whichever way it leads. */
  failover(): FailoverRecord | null {
    return latestRun(this.#logs.map(({ view }) => view.failover(this.name)))
  }

  /**
   * Takes a run over on its target: the first record of a claim number in that log holds. `take` is asked each time
   * what to write over the run that stands there, and throws where it is not to be disturbed.
   * @throws FAILOVER_TAKEN_OVER
   */
  async claim(
    target: string,
    take: (held: FailoverRecord | null) => Omit<FailoverRecord, 'claim'>,
  ): Promise<FailoverRecord> {
    const log = this.#log(target)
    for (let attempt = 0; attempt < CLAIMS_MAX; attempt++) {
      await log.refresh()
      const before = log.view.failover(this.name)
      const record = { ...take(before), claim: (before?.claim ?? 0) + 1 }
      await log.append({ kind: 'failover', name: this.name, record })
      await log.refresh()
      const held = log.view.failover(this.name)
      if (held?.claim !== record.claim || held.runner.id !== record.runner.id) continue
      const last = log.view.claimedOver(this.name)
      const isSeen = before === null || (last?.at === before.at && last.step === before.step)
      return isSeen || last === null ? held : await this.#adopt(log, held, last)
    }
    throw this.#takenOver(log.view.failover(this.name))
  }

  /** Its last runner came further while it was claimed: nothing of that may be forgotten, or undone. */
  async #adopt(log: RouteStoreLog, held: FailoverRecord, last: FailoverRecord): Promise<FailoverRecord> {
    const { runner, claim, state, at } = held
    const adopted = { ...last, runner, claim, state, at }
    await log.append({ kind: 'failover', name: this.name, record: adopted })
    await log.refresh()
    return adopted
  }

  /** Writes how far a run is that this process has claimed. @throws FAILOVER_TAKEN_OVER */
  async note(target: string, record: FailoverRecord): Promise<void> {
    const log = this.#log(target)
    // Compaction would keep the word of one that slept alone, were it the last of its key.
    await this.#refuseOthers(log, record)
    await log.append({ kind: 'failover', name: this.name, record })
    await this.#refuseOthers(log, record)
  }

  /** Notes where mirrors end, for whoever goes on with the run. */
  async noteEnds(target: string, parts: readonly EndsRecord[]): Promise<void> {
    const log = this.#log(target)
    for (const [number, record] of parts.entries()) {
      await log.append({ kind: 'ends', name: this.name, id: String(number), record })
    }
    await log.refresh()
  }

  /** What a run of this plan has noted so. */
  ends(target: string, plan: string): EndsRecord[] {
    return this.#log(target).view.ends(this.name, plan)
  }

  async #refuseOthers(log: RouteStoreLog, { runner }: FailoverRecord): Promise<void> {
    await log.refresh()
    const held = log.view.failover(this.name)
    if (held?.runner.id !== runner.id) throw this.#takenOver(held)
  }

  #log(cluster: string): RouteStoreLog {
    const log = this.#logs.find((one) => one.cluster === cluster)
    if (log === undefined) {
      const message = `route ${this.name}: its next step is decided on ${cluster}, which cannot be reached`
      throw failoverError('ROUTE_STATE_UNREACHABLE', message, { context: { route: this.name, cluster } })
    }
    return log
  }

  #movedOn(held: RouteRecord | null) {
    const by = held === null ? 'nobody' : `${held.by.user} on ${held.by.host}`
    const message = `route ${this.name} is at epoch ${held?.epoch ?? 0} (${held?.phase ?? 'unknown'}), written by ${by}`
    return failoverError('ROUTE_MOVED_ON', message, { context: { route: this.name } })
  }

  #takenOver(held: FailoverRecord | null) {
    const who = held === null ? 'another process' : `process ${held.runner.pid} on ${held.runner.host}`
    const message = `the failover of route ${this.name} is run by ${who}`
    return failoverError('FAILOVER_TAKEN_OVER', message, { context: { route: this.name } })
  }
}

/** The record that follows another one. */
export function nextRecord(from: RouteRecord, step: RouteStep): RouteRecord {
  const isMove = step.active !== undefined && step.active !== from.active
  const signed = { at: Date.now(), by: whoami(), writer: randomUUID() }
  return {
    ...from,
    asks: null,
    ...step,
    ...signed,
    epoch: from.epoch + 1,
    moves: from.moves + (isMove ? 1 : 0),
  }
}

/** The first record of a route: it leads to its declared primary. */
export function firstRecord(name: string, primary: { name: string; clusterId: string }): RouteRecord {
  return {
    name,
    epoch: 1,
    moves: 0,
    active: primary.name,
    activeClusterId: primary.clusterId,
    phase: 'open',
    target: null,
    plan: null,
    fence: 'none',
    alone: false,
    asks: null,
    at: Date.now(),
    by: whoami(),
    writer: randomUUID(),
  }
}

/** Of each id the latest record that any log has. */
export function latestGateways(lists: readonly (readonly GatewayRecord[])[]): GatewayRecord[] {
  const latest = new Map<string, GatewayRecord>()
  for (const gateway of lists.flat()) {
    if (isLater(gateway, latest.get(gateway.id))) latest.set(gateway.id, gateway)
  }
  return [...latest.values()]
}

/** Of the runs that several logs have the one heard of last: each log counts its claims for itself. */
export function latestRun(runs: readonly (FailoverRecord | null)[]): FailoverRecord | null {
  return runs.filter((run) => run !== null).toSorted((a, b) => b.at - a.at)[0] ?? null
}
