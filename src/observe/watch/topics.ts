import { describeConfigs } from '../../client/admin/configs.ts'
import { listTopics } from '../../client/admin/topics.ts'
import type { Cluster } from '../../client/cluster.ts'
import { isLeaderless, isUnderReplicated, type TopicMetadata } from '../../client/metadata.ts'
import type { CallOptions } from '../../client/retry.ts'
import type { Breather } from './breather.ts'
import type { PartitionRef, TopicsView } from './view.ts'

const MIN_ISR = 'min.insync.replicas'
/** Topics whose setting is asked for in one round: a large cluster is known after some rounds. */
const ASKED_MAX = 500

/** Topics of one cluster, round by round; keeps what changes seldom. */
export class TopicSampler {
  readonly #minIsr = new Map<string, number>()

  async sample(cluster: Cluster, breather: Breather, options: CallOptions): Promise<TopicsView> {
    const topics = new Map<string, TopicMetadata>()
    for (const topic of await listTopics(cluster, options)) {
      topics.set(topic.name, topic)
      await breather.rest()
    }
    await this.#learnMinIsr(cluster, topics, options)
    return await this.#view(topics, breather)
  }

  /** Unknown ones first, then those known longest; a topic that is short of replicas is asked anew in each round. */
  async #learnMinIsr(
    cluster: Cluster,
    topics: ReadonlyMap<string, TopicMetadata>,
    options: CallOptions,
  ): Promise<void> {
    for (const name of this.#minIsr.keys()) if (!topics.has(name)) this.#minIsr.delete(name)
    const short = [...topics.values()].filter(({ partitions }) => partitions.some(isUnderReplicated))
    const unknown = [...topics.keys()].filter((name) => !this.#minIsr.has(name))
    const names = [...new Set([...short.map(({ name }) => name), ...unknown, ...this.#minIsr.keys()])]
    const asked = names.slice(0, ASKED_MAX)
    const queries = asked.map((name) => ({ type: 'topic', name, names: [MIN_ISR] }) as const)
    const answers = queries.length === 0 ? [] : await describeConfigs(cluster, queries, options)
    for (const [at, answer] of answers.entries()) {
      const name = asked[at]!
      // Taken out first, so that the order of the map is the order of asking.
      this.#minIsr.delete(name)
      // Without DESCRIBE_CONFIGS nothing is known, and Kafka's default is as good as any.
      const value = answer.ok ? answer.value.find((entry) => entry.name === MIN_ISR)?.value : null
      this.#minIsr.set(name, Number(value ?? 1))
    }
  }

  async #view(topics: ReadonlyMap<string, TopicMetadata>, breather: Breather): Promise<TopicsView> {
    const underReplicated: PartitionRef[] = []
    const offline: PartitionRef[] = []
    const underMinIsr: PartitionRef[] = []
    let count = 0
    for (const { name: topic, partitions } of topics.values()) {
      const minIsr = this.#minIsr.get(topic) ?? 1
      for (const entry of partitions) {
        const ref = { topic, partition: entry.partition }
        if (isUnderReplicated(entry)) underReplicated.push(ref)
        if (isLeaderless(entry)) offline.push(ref)
        else if (entry.isr.length < minIsr) underMinIsr.push(ref)
      }
      count += partitions.length
      await breather.rest()
    }
    return { topics, partitions: count, underReplicated, offline, underMinIsr }
  }
}
