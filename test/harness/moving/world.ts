import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Cluster } from '../../../src/client/cluster.ts'
import type { StepName } from '../../../src/failover/run/course.ts'
import type { FleetStatus } from '../../../src/fleet/run/fleet-status.ts'
import { BASE_PORT, NEWEST, OLDEST } from '../clusters.ts'
import { JavaClient, type ScannedRecord } from '../java/client.ts'
import { kmc, kmcJson, kmcOk, nothingRuns, signalled, startKmc } from '../kmc.ts'
import { temporaryDirectory } from '../temporary.ts'
import { waitUntil } from '../wait.ts'
import { startEveryClient } from './every-client.ts'
import { delay, type Mover, type Place, type Seen } from './mover.ts'
import { streamsApplications } from './streams.ts'

export type Side = 'seoul' | 'virginia'

export function otherSide(side: Side): Side {
  return side === 'seoul' ? 'virginia' : 'seoul'
}

export type WorldChoice = {
  readonly brokers: number
  readonly kafka: Readonly<Record<Side, string>>
  readonly kcat: boolean
  /** Of each writer between two records; default 50. */
  readonly pauseMs?: number
  /** How long a switch lets the link come near; default as the command has it. */
  readonly catchUp?: string
  /** Names of the clients; default all. */
  readonly named?: RegExp
}

const PARTITIONS = 3
const PAUSE_MS = 50
/** Of clients whose cluster may be gone. */
const GIVEN_UP_MS = 30_000
const CALLED_OFF_MAX = 3
const CALLED_OFF_MS = 1_000
const PORTS = { seoul: 300, virginia: 340, route: 380 }
/** A machine that does much else besides takes minutes for what takes seconds. */
const LONG_MS = 120_000
const SOON = { withinMs: LONG_MS, everyMs: 500 }

/** A fleet with a route, run by `kmc up`, and every client that there is at work on it. */
export class MovingWorld {
  readonly directory = temporaryDirectory('moving')
  readonly movers: Mover[] = []
  /** Clients that are not to be had here, each with the reason. */
  readonly missing: string[] = []
  readonly #choice: WorldChoice
  readonly #java: JavaClient[] = []
  readonly #stopped = new Set<Mover>()
  readonly #late = new Map<string, number>()

  constructor(choice: WorldChoice) {
    this.#choice = choice
  }

  /** Leader epochs of seoul are higher than those of virginia will ever be: one move leads down, the other one up. */
  async start(): Promise<void> {
    writeFileSync(join(this.directory, 'fleet.yaml'), fleetOf(this.#choice))
    await kmcOk(this.directory, 'up', '--detach')
    const java = await JavaClient.start(NEWEST)
    this.#java.push(java)
    const names = [this.place.topic, ...Object.keys(streamsApplications).map((name) => `${name}-out`)]
    const shape = { partitions: PARTITIONS, replicas: this.#choice.brokers }
    await java.createTopics(
      this.access('seoul'),
      names.map((name) => ({ name, ...shape })),
    )
    await kmcOk(this.directory, 'cluster', 'restart', 'seoul')
    await this.#awaitServing('seoul')
    await this.#awaitMirrored()
    await this.#startMovers(java)
  }

  get place(): Place {
    const { pauseMs = PAUSE_MS } = this.#choice
    const bootstrap = `127.0.0.1:${BASE_PORT + PORTS.route}`
    return { bootstrap, topic: 'orders', partitions: PARTITIONS, pauseMs }
  }

  access(cluster: Side) {
    return { name: cluster, bootstrap: [`127.0.0.1:${BASE_PORT + PORTS[cluster]}`] }
  }

  /** Moves the route as an operator does. */
  async move(to: Side): Promise<void> {
    await Promise.all(this.movers.map((mover) => mover.calm()))
    const { catchUp } = this.#choice
    const more = catchUp === undefined ? [] : ['--catch-up-limit', catchUp]
    const { code, stdout, stderr } = await kmc(this.directory, 'failover', 'shop', '--yes', ...more)
    if (code !== 0) throw new Error(`kmc failover ended with ${code}:\n${stdout}${stderr}`)
    this.#noteLate(`${stdout}${stderr}`)
    await this.#awaitServing(to)
  }

  /**
   * Moves the route while its only gateway is killed as soon as this step is done, and repeats the command where the
   * run was called off for it; gives how often that was.
   */
  async moveStruck(to: Side, step: StepName): Promise<number> {
    await Promise.all(this.movers.map((mover) => mover.calm()))
    const pid = (await this.#status()).routes[0]?.worker?.pid ?? null
    const run = startKmc(this.directory, 'failover', 'shop', '--yes')
    const isOver = run.ended.then(() => true)
    const isDone = async () => run.printed().includes(`✓ ${step}:`) || (await Promise.race([isOver, false]))
    await waitUntil(`step ${step}`, isDone, { ...SOON, everyMs: 2, lastSeen: run.printed })
    if (pid === null || !signalled(pid, 'SIGKILL')) throw new Error(`there is no gateway ${pid}`)
    let { code } = await run.ended
    let calledOff = 0
    for (; code !== 0; calledOff++) {
      if (calledOff === CALLED_OFF_MAX) throw new Error(`kmc failover does not get there:\n${run.printed()}`)
      await delay(CALLED_OFF_MS)
      code = (await kmc(this.directory, 'failover', 'shop', '--yes')).code
    }
    this.#noteLate(run.printed())
    await this.#awaitServing(to)
    return calledOff
  }

  /** Waits until every client has gone on by so many records, and gives what each has seen. */
  async awaitProgress(what: string, records: number): Promise<Map<string, Seen>> {
    const from = await this.seen()
    const isOn = (now: Map<string, Seen>) =>
      [...now].every(([name, { records: count }]) => count >= from.get(name)!.records + records)
    const told = new Map<string, Seen>()
    const look = async () => {
      for (const [name, seen] of await this.seen()) told.set(name, seen)
      return isOn(told)
    }
    const behind = () =>
      [...told].filter(([name, { records: count }]) => count < from.get(name)!.records + records)
    await waitUntil(`every client goes on ${what}`, look, { ...SOON, lastSeen: behind })
    return told
  }

  async seen(): Promise<Map<string, Seen>> {
    const entries = await Promise.all(
      this.movers.map(async (mover) => [mover.name, await mover.seen()] as const),
    )
    // kcat tells nothing before it has ended.
    return new Map(entries.filter(([name]) => name !== 'kcat-writer'))
  }

  /** Ends writers first, so that readers can come to the end. */
  async stopMovers(): Promise<Map<string, Seen>> {
    const result = new Map<string, Seen>()
    for (const role of ['writer', 'reader'] as const) {
      const some = this.movers.filter((mover) => mover.role === role)
      for (const mover of some) this.#stopped.add(mover)
      const seen = await Promise.all(some.map((mover) => mover.stop()))
      for (const [index, { name }] of some.entries()) result.set(name, seen[index]!)
    }
    return result
  }

  /** By group, in how many moves a member did not give way in time: what it had read and not committed comes again. */
  get late(): ReadonlyMap<string, number> {
    return this.#late
  }

  #noteLate(printed: string): void {
    const groups = new Set([...printed.matchAll(/member ([^/\s]+)\//g)].map(([, group]) => group!))
    for (const group of groups) this.#late.set(group, (this.#late.get(group) ?? 0) + 1)
  }

  /** Whether a side is of Kafka 3.9, which has neither KIP-848 nor the second version of transactions. */
  get hasOld(): boolean {
    return Object.values(this.#choice.kafka).includes(OLDEST)
  }

  /** Of each side. */
  get brokers(): number {
    return this.#choice.brokers
  }

  /** Restarts the standby until the leader epochs of all its partitions are higher than any of the other side. */
  async raiseEpochs(standby: Side): Promise<void> {
    const highest = Math.max(...(await this.#leaderEpochs(otherSide(standby))))
    while (Math.min(...(await this.#leaderEpochs(standby))) <= highest) {
      await kmcOk(this.directory, 'cluster', 'restart', standby)
    }
  }

  /** Waits until a switch would not be refused. */
  async awaitMovable(): Promise<void> {
    let said = ''
    const look = async () => {
      const { code, stdout, stderr } = await kmc(this.directory, 'failover', 'shop', '--dry-run')
      said = stdout + stderr
      return code === 0
    }
    await waitUntil('a switch is possible', look, { ...SOON, lastSeen: () => said.slice(-1_500) })
  }

  /** The highest leader epoch of the partitions that clients work on. */
  async leaderEpoch(cluster: Side): Promise<number> {
    return Math.max(...(await this.#leaderEpochs(cluster)))
  }

  scan(cluster: Side, topic = this.place.topic): Promise<ScannedRecord[]> {
    return this.#java[0]!.scan(this.access(cluster), topic)
  }

  /** Ends clients too that a failed test has left: they would join the groups of the next world at this address. */
  async stop(): Promise<void> {
    const ends = this.movers.filter((mover) => !this.#stopped.has(mover)).map((mover) => mover.stop())
    await Promise.race([Promise.allSettled(ends), delay(GIVEN_UP_MS)])
    await Promise.all(this.#java.map((java) => java.close()))
    await kmc(this.directory, 'down')
    await nothingRuns(this.directory)
  }

  async #startMovers(java: JavaClient): Promise<void> {
    const { kcat, named } = this.#choice
    const choice = { kcat, speaks848: !this.hasOld, ...(named === undefined ? {} : { named }) }
    const { movers, missing, old } = await startEveryClient(java, this.place, choice)
    this.#java.push(old)
    this.movers.push(...movers)
    this.missing.push(...missing)
  }

  async #leaderEpochs(cluster: Side): Promise<number[]> {
    await using known = await Cluster.connect(this.access(cluster))
    await known.refresh([this.place.topic])
    const partitions = known.metadata.topic(this.place.topic)?.partitions ?? []
    return partitions.map(({ leaderEpoch }) => leaderEpoch)
  }

  async #awaitServing(cluster: string): Promise<void> {
    const look = async () => {
      const { routes } = await this.#status()
      return routes[0]?.state === 'serving' && routes[0].active === cluster
    }
    await waitUntil(`the route leads to ${cluster}`, look, { ...SOON, lastSeen: () => this.#status() })
  }

  /** Topics are made on the way, by Kafka Streams too. */
  async #awaitMirrored(): Promise<void> {
    const look = async () => {
      const [link] = (await this.#status()).links
      const isThere = link?.mirrors.some(({ topic }) => topic === this.place.topic)
      return isThere === true && link?.mirrors.every(({ state }) => state === 'active')
    }
    await waitUntil('all mirrors are active', look, { ...SOON, lastSeen: () => this.#status() })
  }

  #status(): Promise<FleetStatus> {
    return kmcJson<FleetStatus>(this.directory, 'status')
  }
}

function fleetOf({ brokers, kafka }: WorldChoice): string {
  const cluster = (name: Side) =>
    `  ${name}: { kafka: ${kafka[name]}, brokers: ${brokers}, port: ${BASE_PORT + PORTS[name]} }`
  return `fleet: moving
clusters:
${cluster('seoul')}
${cluster('virginia')}
links:
  dr: { from: seoul, to: virginia, topics: ["*"], groups: ["*"], producerIdsFrom: 5000 }
routes:
  shop: { port: ${BASE_PORT + PORTS.route}, primary: seoul, standby: virginia }
`
}
