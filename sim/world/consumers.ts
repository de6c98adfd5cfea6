import type { Random } from '../engine/random.ts'
import type { ClusterModel, PartitionModel } from '../model/cluster.ts'

const PACE_MS = 400

/** One commit of a group at the source, with where every partition ended when it was made. */
export type Commit = {
  readonly offset: number
  readonly ends: ReadonlyMap<PartitionModel, number>
}

/** Consumer groups at the source: they move on, and at times go back. */
export class Consumers {
  readonly #cluster: ClusterModel
  readonly #groups: readonly string[]
  readonly #random: Random
  /** Every commit of a group on a partition, oldest first. */
  readonly history = new Map<string, Commit[]>()
  #running = false

  constructor(cluster: ClusterModel, groups: number, random: Random) {
    this.#cluster = cluster
    this.#groups = Array.from({ length: groups }, (_, index) => `g${index}`)
    this.#random = random
  }

  start(): void {
    if (this.#groups.length === 0) return
    this.#running = true
    this.#next()
  }
  stop(): void {
    this.#running = false
  }

  commits(group: string, topic: string, partition: number): readonly Commit[] {
    return this.history.get(`${group}/${topic}/${partition}`) ?? []
  }

  #next(): void {
    this.#cluster.events.after(this.#random.unit() * PACE_MS * 2, () => {
      if (!this.#running) return
      const all = [...this.#cluster.partitions()]
      if (all.length > 0) this.#commit(this.#random.pick(this.#groups), this.#random.pick(all))
      this.#next()
    })
  }

  #commit(group: string, { topic, partition, log }: PartitionModel): void {
    const known =
      this.#cluster.groups.positions.get(group)?.get(`${topic.name}-${partition}`)?.offset ?? log.start
    const back = this.#random.chance(0.1)
    const from = back ? log.start : Math.min(known, log.stable)
    const offset = this.#random.between(from, Math.max(from, log.stable))
    this.#cluster.groups.commit(group, { topic: topic.name, partition, offset, metadata: null })
    const ends = new Map([...this.#cluster.partitions()].map((at) => [at, at.log.highWatermark]))
    const key = `${group}/${topic.name}/${partition}`
    const commits = this.history.get(key) ?? []
    this.history.set(key, commits)
    commits.push({ offset, ends })
  }
}
