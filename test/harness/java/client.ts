import { defaultKafkaVersion } from '../../../src/engine/kafka/versions.ts'
import { type Access, javaConfig } from '../access.ts'
import type { Codec, NewRecord, SeenRecord } from '../records.ts'
import { JavaDriverProcess } from './driver-process.ts'

export type NewTopic = {
  readonly name: string
  readonly partitions: number
  readonly replicas?: number
  readonly configs?: Readonly<Record<string, string>>
}

export type TopicDescription = {
  readonly id: string
  /** Broker id by partition, -1 where there is none. */
  readonly leaders: readonly number[]
  /** Settings that were made on the topic itself. */
  readonly configs: Readonly<Record<string, string>>
}

export type Isolation = 'read_committed' | 'read_uncommitted'

/** Log start and end by partition; the end is the last stable offset at read_committed. */
export type Ranges = Readonly<Record<string, readonly [start: number, end: number]>>

export type GroupPosition = {
  readonly offset: number
  readonly metadata: string
  readonly leaderEpoch: number | null
}

/** Who assigns partitions: a member, or the broker (KIP-848, Kafka 4). */
export type GroupProtocol = 'classic' | 'consumer'

export type Acl = {
  readonly user: string
  readonly resource: 'TOPIC' | 'GROUP' | 'CLUSTER' | 'TRANSACTIONAL_ID'
  readonly name: string
  readonly pattern?: 'LITERAL' | 'PREFIXED'
  readonly operation: string
}

export type Load = {
  readonly name: string
  readonly topic: string
  readonly partitions: number
  readonly plainPerSecond: number
  readonly transactionsPerSecond: number
  readonly valueBytes: number
  readonly codec: Codec
}

/** Records that the source acknowledged since the load began. */
export type LoadCounts = {
  readonly plain: number
  readonly committed: number
  readonly aborted: number
  readonly errors: readonly string[]
}

/** A writer that keeps a journal of what became of each of its ids. */
export type JournalWriter = {
  readonly name: string
  readonly kind: 'plain' | 'idempotent' | 'transactional'
  readonly topic: string
  readonly partitions: number
  /** Records, or transactions of up to 20 records. */
  readonly perSecond: number
  readonly valueBytes: number
  readonly codec: Codec
  /** Default 5 s, for brokers that die. */
  readonly requestTimeoutMs?: number
}

export type JournalCounts = {
  readonly sent: number
  readonly acknowledged: number
  /** The last error that the writer saw. */
  readonly trouble: string
  readonly errors: readonly string[]
  /** Between two acknowledgements, since `calm`. */
  readonly longestMs: number
}

/** By id: a (acknowledged), f (refused or aborted) or u (nobody knows); the offset or -1; the transaction. */
export type JournalPart = {
  readonly outcomes: string
  readonly offsets: readonly number[]
  readonly transactions: readonly number[]
}

/** A consumer that reads all the time; without a group it is assigned all partitions. */
export type Follower = {
  readonly name: string
  readonly topic: string
  readonly group?: string
  readonly protocol?: GroupProtocol
  /** Offsets in a row that a reader may not see: markers, aborted records. */
  readonly gap: number
}

export type FollowerCounts = {
  readonly read: number
  /** Records that came although they, or later ones of the partition, had come before. */
  readonly again: number
  /** Jumps over more offsets than `gap`. */
  readonly passedOver: number
  readonly errors: readonly string[]
  /** Between two records, since `calm`. */
  readonly longestMs: number
}

export type ScanOptions = {
  readonly isolation?: Isolation
  /** First offsets, by partition. */
  readonly from?: Readonly<Record<string, number>>
  /** Ends, by partition. */
  readonly to?: Readonly<Record<string, number>>
}

/** A record that a writer with a journal wrote, as a reader saw it. */
export type ScannedRecord = {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: string | null
  readonly writer: string
  readonly id: number
  readonly transaction: number
  /** Of key, value, headers and timestamp type. */
  readonly digest: string
}

type ScannedRow = [number, number, number, string | null, string, string]

function scanned([partition, offset, timestamp, key, who, digest]: ScannedRow): ScannedRecord {
  const [writer = '', id, transaction] = who.split(':')
  return {
    partition,
    offset,
    timestamp,
    key,
    writer,
    id: Number(id),
    transaction: Number(transaction),
    digest,
  }
}

/** For answers that wait for brokers to come back, or hold hundreds of thousands of records. */
const LONG_MS = 300_000

/** Kafka's own Java client in one process for all the tests of a file. */
export class JavaClient {
  readonly #process: JavaDriverProcess

  private constructor(process: JavaDriverProcess) {
    this.#process = process
  }

  /** `kafka`: whose client library; default the newest. */
  static async start(kafka: string = defaultKafkaVersion): Promise<JavaClient> {
    return new JavaClient(await JavaDriverProcess.start(kafka))
  }

  close(): Promise<void> {
    return this.#process.close()
  }

  /** Every visible record of a topic, from its start to the end that it has now. */
  async read(access: Access, topic: string, isolation: Isolation = 'read_committed'): Promise<SeenRecord[]> {
    const records: SeenRecord[] = []
    const onPart = (part: unknown) => {
      for (const record of part as SeenRecord[]) records.push(record)
    }
    await this.#process.call('read', { config: javaConfig(access), topic, isolation }, { onPart })
    return records
  }

  async ranges(access: Access, topic: string, isolation: Isolation = 'read_committed'): Promise<Ranges> {
    return (await this.#call('ranges', access, { topic, isolation })) as Ranges
  }

  /** Opens a producer under a name; with `transactionalId` its transactions are begun and ended by the test. */
  async open(
    access: Access,
    producer: string,
    options: { readonly codec?: Codec; readonly transactionalId?: string; readonly batchBytes?: number } = {},
  ): Promise<void> {
    const { codec = 'none', transactionalId, batchBytes } = options
    const config = {
      ...javaConfig(access),
      'compression.type': codec,
      ...(transactionalId === undefined ? {} : { 'transactional.id': transactionalId }),
      ...(batchBytes === undefined ? {} : { 'batch.size': String(batchBytes) }),
    }
    await this.#process.call('open', { config, producer })
  }

  /** Gives the records' offsets once all are acknowledged. */
  async send(
    producer: string,
    topic: string,
    records: readonly NewRecord[],
    flushEvery?: number,
  ): Promise<number[]> {
    return (await this.#process.call('send', { producer, topic, records, flushEvery })) as number[]
  }

  async transaction(producer: string, step: 'begin' | 'commit' | 'abort'): Promise<void> {
    await this.#process.call(step, { producer })
  }

  async closeProducer(producer: string): Promise<void> {
    await this.#process.call('close', { producer })
  }

  /** Opens a producer, sends, closes it; gives the offsets. */
  async produce(
    access: Access,
    topic: string,
    records: readonly NewRecord[],
    options: { readonly codec?: Codec; readonly batchBytes?: number; readonly flushEvery?: number } = {},
  ): Promise<number[]> {
    const producer = `once-${topic}-${Math.random()}`
    await this.open(access, producer, options)
    try {
      return await this.send(producer, topic, records, options.flushEvery)
    } finally {
      await this.closeProducer(producer)
    }
  }

  /** Takes `count` offsets of a partition with records that hold nothing, a million in about two seconds. */
  async fill(access: Access, topic: string, partition: number, count: number): Promise<void> {
    const config = { ...javaConfig(access), 'compression.type': 'zstd' }
    await this.#process.call('fill', { config, topic, partition, count })
  }

  async startLoad(access: Access, load: Load): Promise<void> {
    const config = { ...javaConfig(access), 'compression.type': load.codec }
    await this.#process.call('loadStart', { config, ...load })
  }

  async loadCounts(name: string): Promise<LoadCounts> {
    return (await this.#process.call('loadCount', { name })) as LoadCounts
  }

  async stopLoad(name: string): Promise<LoadCounts> {
    return (await this.#process.call('loadStop', { name })) as LoadCounts
  }

  async startJournal(access: Access, writer: JournalWriter): Promise<void> {
    const { codec, ...rest } = writer
    const config = { ...javaConfig(access), 'compression.type': codec }
    await this.#process.call('journalStart', { config, ...rest })
  }

  /** By writer. */
  async journalCounts(): Promise<Readonly<Record<string, JournalCounts>>> {
    return (await this.#process.call('journalCounts', {})) as Record<string, JournalCounts>
  }

  /** Ends a writer once all its records have an outcome, and gives what became of each id. */
  async stopJournal(name: string): Promise<JournalPart> {
    const parts: JournalPart[] = []
    const onPart = (part: unknown) => parts.push(part as JournalPart)
    await this.#process.call('journalStop', { name }, { onPart, withinMs: LONG_MS })
    const outcomes = parts.map((part) => part.outcomes).join('')
    const offsets = parts.flatMap((part) => part.offsets)
    return { outcomes, offsets, transactions: parts.flatMap((part) => part.transactions) }
  }

  async startFollower(access: Access, follower: Follower): Promise<void> {
    await this.#call('followStart', access, follower)
  }

  /** By follower. */
  async followerCounts(): Promise<Readonly<Record<string, FollowerCounts>>> {
    return (await this.#process.call('followCounts', {})) as Record<string, FollowerCounts>
  }

  async stopFollower(name: string): Promise<FollowerCounts> {
    return (await this.#process.call('followStop', { name })) as FollowerCounts
  }

  /** From here on the longest pause of a journal or follower counts. */
  async calm(name: string): Promise<void> {
    await this.#process.call('journalCalm', { name })
    await this.#process.call('followCalm', { name })
  }

  /** Like `read`, but records in short and within the given offsets, for topics of any length. */
  async scan(access: Access, topic: string, options: ScanOptions = {}): Promise<ScannedRecord[]> {
    const { isolation = 'read_committed', from = {}, to = {} } = options
    const records: ScannedRecord[] = []
    const onPart = (part: unknown) => {
      for (const row of part as ScannedRow[]) records.push(scanned(row))
    }
    const request = { config: javaConfig(access), topic, isolation, from, to }
    await this.#process.call('scan', request, { onPart, withinMs: LONG_MS })
    return records
  }

  /** Reads `count` records as a member of the group and commits the position after them. */
  async consume(
    access: Access,
    group: string,
    topics: readonly string[],
    options: { readonly count: number; readonly metadata?: string; readonly protocol?: GroupProtocol },
  ): Promise<(SeenRecord & { readonly topic: string })[]> {
    const records: (SeenRecord & { topic: string })[] = []
    const onPart = (part: unknown) => records.push(...(part as (SeenRecord & { topic: string })[]))
    await this.#process.call('consume', { config: javaConfig(access), group, topics, ...options }, { onPart })
    return records
  }

  /** A member that stays in the group, commits nothing, and leaves when told to. */
  async join(
    access: Access,
    member: string,
    group: string,
    topics: readonly string[],
    protocol: GroupProtocol = 'classic',
  ): Promise<void> {
    await this.#call('join', access, { member, group, topics, protocol })
  }

  async leave(member: string): Promise<void> {
    await this.#process.call('leave', { member })
  }

  /** By `topic-partition`. */
  async positions(access: Access, group: string): Promise<Readonly<Record<string, GroupPosition>>> {
    return (await this.#call('positions', access, { group })) as Record<string, GroupPosition>
  }

  async commitPositions(
    access: Access,
    group: string,
    topic: string,
    offsets: Readonly<Record<number, number>>,
    metadata = '',
  ): Promise<void> {
    await this.#call('commitPositions', access, { group, topic, offsets, metadata })
  }

  async createTopics(access: Access, topics: readonly NewTopic[]): Promise<void> {
    await this.#call('createTopics', access, { topics })
  }

  async addPartitions(access: Access, topic: string, partitions: number): Promise<void> {
    await this.#call('addPartitions', access, { topic, partitions })
  }

  async deleteTopics(access: Access, topics: readonly string[]): Promise<void> {
    await this.#call('deleteTopics', access, { topics })
  }

  async topics(access: Access): Promise<string[]> {
    return (await this.#call('listTopics', access, {})) as string[]
  }

  async describeTopic(access: Access, topic: string): Promise<TopicDescription> {
    return (await this.#call('describeTopic', access, { topic })) as TopicDescription
  }

  async setConfigs(access: Access, topic: string, configs: Readonly<Record<string, string>>): Promise<void> {
    await this.#call('setConfigs', access, { topic, configs })
  }

  /** Moves log starts up to the given offsets, by partition. */
  async deleteRecords(
    access: Access,
    topic: string,
    before: Readonly<Record<number, number>>,
  ): Promise<void> {
    await this.#call('deleteRecords', access, { topic, before })
  }

  async describeCluster(access: Access): Promise<{ readonly clusterId: string; readonly brokers: number }> {
    return (await this.#call('describeCluster', access, {})) as { clusterId: string; brokers: number }
  }

  /** Makes a SCRAM user. */
  async createUser(access: Access, user: string, password: string): Promise<void> {
    await this.#call('createUser', access, { user, password, mechanism: 'SCRAM-SHA-512' })
  }

  async addAcls(access: Access, acls: readonly Acl[]): Promise<void> {
    await this.#call('addAcls', access, { acls })
  }

  async removeAcls(access: Access, acls: readonly Acl[]): Promise<void> {
    await this.#call('removeAcls', access, { acls })
  }

  /** Limits what each client may write to the cluster; null takes the limit away. */
  async setProducerQuota(access: Access, bytesPerSecond: number | null): Promise<void> {
    await this.#call('setProducerQuota', access, { bytesPerSecond })
  }

  #call(op: string, access: Access, request: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.#process.call(op, { config: javaConfig(access), ...request })
  }
}
