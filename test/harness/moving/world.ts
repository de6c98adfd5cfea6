import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FleetStatus } from '../../../src/fleet/run/fleet-status.ts'
import { BASE_PORT, NEWEST, OLDEST } from '../clusters.ts'
import { JavaClient, type ScannedRecord } from '../java/client.ts'
import { kmc, kmcJson, kmcOk, nothingRuns } from '../kmc.ts'
import { temporaryDirectory } from '../temporary.ts'
import { waitUntil } from '../wait.ts'
import { type ConfluentRole, confluentMovers, confluentRoles, findConfluent } from './confluent.ts'
import { javaReader, javaWriter } from './java.ts'
import { kafkajsReader, kafkajsWriter } from './kafkajs.ts'
import { kcatReader, kcatWriter } from './kcat.ts'
import type { Mover, Place, Seen } from './mover.ts'
import { platformaticReader, platformaticWriter } from './platformatic.ts'

export type WorldChoice = {
  readonly brokers: number
  readonly kafka: { readonly seoul: string; readonly virginia: string }
  readonly kcat: boolean
}

const PARTITIONS = 3
const PORTS = { seoul: 300, virginia: 340, route: 380 }
/** A machine that does much else besides takes minutes for what takes seconds. */
const LONG_MS = 60_000
const SOON = { withinMs: LONG_MS, everyMs: 500 }

/** A fleet with a route, run by `kmc up`, and every client that there is at work on it. */
export class MovingWorld {
  readonly directory = temporaryDirectory('moving')
  readonly movers: Mover[] = []
  /** Clients that are not to be had here, each with the reason. */
  readonly missing: string[] = []
  readonly #choice: WorldChoice
  readonly #java: JavaClient[] = []

  constructor(choice: WorldChoice) {
    this.#choice = choice
  }

  /** Leader epochs of seoul are higher than those of virginia will ever be: one move leads down, the other one up. */
  async start(): Promise<void> {
    writeFileSync(join(this.directory, 'fleet.yaml'), fleetOf(this.#choice))
    await kmcOk(this.directory, 'up', '--detach')
    const java = await this.#newJava(NEWEST)
    const topic = { name: this.place.topic, partitions: PARTITIONS, replicas: this.#choice.brokers }
    await java.createTopics(this.access('seoul'), [topic])
    await kmcOk(this.directory, 'cluster', 'restart', 'seoul')
    await this.#awaitServing('seoul')
    await waitUntil('the mirror is active', async () => (await this.#mirrorState()) === 'active', SOON)
    await this.#startMovers(java)
  }

  get place(): Place {
    return { bootstrap: `127.0.0.1:${BASE_PORT + PORTS.route}`, topic: 'orders', partitions: PARTITIONS }
  }

  access(cluster: 'seoul' | 'virginia') {
    return { name: cluster, bootstrap: [`127.0.0.1:${BASE_PORT + PORTS[cluster]}`] }
  }

  /** Moves the route as an operator does; gives what the command printed. */
  async move(to: 'seoul' | 'virginia'): Promise<string> {
    await Promise.all(this.movers.map((mover) => mover.calm()))
    const { code, stdout, stderr } = await kmc(this.directory, 'failover', 'shop', '--yes')
    if (code !== 0) throw new Error(`kmc failover ended with ${code}:\n${stdout}${stderr}`)
    await this.#awaitServing(to)
    return `${stdout}${stderr}`
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
      const seen = await Promise.all(some.map((mover) => mover.stop()))
      for (const [index, { name }] of some.entries()) result.set(name, seen[index]!)
    }
    return result
  }

  scan(cluster: 'seoul' | 'virginia'): Promise<ScannedRecord[]> {
    return this.#java[0]!.scan(this.access(cluster), this.place.topic)
  }

  async stop(): Promise<void> {
    await Promise.all(this.#java.map((java) => java.close()))
    await kmc(this.directory, 'down')
    await nothingRuns(this.directory)
  }

  async #startMovers(java: JavaClient): Promise<void> {
    const { place, movers } = this
    const old = await this.#newJava(OLDEST)
    const confluent = await findConfluent()
    movers.push(
      await javaWriter(java, place, 'java-plain', 'plain'),
      await javaWriter(java, place, 'java-idempotent', 'idempotent'),
      await javaWriter(java, place, 'java-transactional', 'transactional'),
      await javaWriter(old, place, 'java39-idempotent', 'idempotent'),
      await javaWriter(old, place, 'java39-transactional', 'transactional'),
      await kafkajsWriter(place, 'kafkajs-writer'),
      await platformaticWriter(place, 'platformatic-writer'),
      await javaReader(java, place, 'java-classic', 'classic'),
      await javaReader(java, place, 'java-assigned', null),
      await javaReader(old, place, 'java39-classic', 'classic'),
      await javaReader(old, place, 'java39-assigned', null),
      await kafkajsReader(place, 'kafkajs-reader'),
      await platformaticReader(place, 'platformatic-reader'),
    )
    if (this.#speaks848) movers.push(await javaReader(java, place, 'java-848', 'consumer'))
    if (this.#choice.kcat)
      movers.push(await kcatWriter(place, 'kcat-writer'), await kcatReader(place, 'kcat-reader'))
    if ('why' in confluent) this.missing.push(`librdkafka: ${confluent.why}`)
    else movers.push(...confluentMovers(confluent.folder, place, this.#confluentClients))
  }

  get #confluentClients(): Record<string, ConfluentRole> {
    const roles = confluentRoles.filter((role) => role !== 'consumer' || this.#speaks848)
    return Object.fromEntries(roles.map((role) => [`librdkafka-${role}`, role]))
  }

  /** Where one side has no KIP-848, nobody is offered it. */
  get #speaks848(): boolean {
    return !Object.values(this.#choice.kafka).includes(OLDEST)
  }

  async #newJava(kafka: string): Promise<JavaClient> {
    const java = await JavaClient.start(kafka)
    this.#java.push(java)
    return java
  }

  async #awaitServing(cluster: string): Promise<void> {
    const look = async () => {
      const { routes } = await this.#status()
      return routes[0]?.state === 'serving' && routes[0].active === cluster
    }
    await waitUntil(`the route leads to ${cluster}`, look, { ...SOON, lastSeen: () => this.#status() })
  }

  async #mirrorState(): Promise<string | undefined> {
    const { links } = await this.#status()
    return links[0]?.mirrors.find(({ topic }) => topic === this.place.topic)?.state
  }

  #status(): Promise<FleetStatus> {
    return kmcJson<FleetStatus>(this.directory, 'status')
  }
}

function fleetOf({ brokers, kafka }: WorldChoice): string {
  const cluster = (name: 'seoul' | 'virginia') =>
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
