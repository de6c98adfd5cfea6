import { KmcError } from '../base/error.ts'
import { KafkaError } from '../client/errors.ts'
import type { BatchHeader } from '../wire/batch/header.ts'
import { ErrorCode, errorOf } from '../wire/error-codes.ts'
import type { Sending } from './copier/partition.ts'
import type { Produced, TopicPartition } from './port.ts'
import type { Fault } from './status.ts'

/**
 * Every code that a link's faults and errors carry; docs/reference/errors.md is made from this table. In remedies LINK
 * and TOPIC stand for names, which are put in before anybody reads them (`withNames`).
 */
export const linkErrors = {
  DIVERGED: {
    title: 'The destination put a batch at another offset than the source has it',
    remedy:
      'Somebody else wrote to the mirror. Stop that writer (take WRITE on the mirror from it); `kmc verify LINK` shows from which offset on the sides differ. Then `kmc mirror repair LINK TOPIC reseed` makes the mirror again from the source (or delete the mirror topic).',
  },
  RETENTION_OVERTOOK: {
    title: 'The source deleted records before the link had copied them',
    remedy:
      'The named offsets are gone at the source. Raise retention there, then choose: `kmc mirror repair LINK TOPIC accept-gap` keeps what the mirror has and goes on after the hole, `kmc mirror repair LINK TOPIC reseed` makes the mirror again from what the source still has (or delete the mirror topic).',
  },
  SOURCE_TRUNCATED: {
    title: 'The source lost records that the mirror has: its log ends earlier, or grew again with others',
    remedy:
      'Check the source for an unclean leader election or lost disks; `kmc verify LINK` names what differs, and the mirror still holds what the source lost: copy it first if you need it. Then `kmc mirror repair LINK TOPIC reseed` makes the mirror again from what the source has now (or delete the mirror topic); `resume` goes on if the source has got its records back.',
  },
  LINK_NOT_TURNED: {
    title: 'A link could not be turned round',
    remedy:
      'The message says what is in the way; nothing that was done is lost, and the same command goes on from there. A link with a prefix cannot be turned: declare a second one in the other direction.',
  },
  MIRROR_NOT_REVERSED: {
    title: 'A single mirror cannot change its direction',
    remedy:
      'Turn the link with all its mirrors (`kmc link reverse LINK`). For one topic alone: promote its mirror, leave the topic out of the link (`topics`), delete it at the old source once nobody uses it, and declare a second link in the other direction for it, which copies it anew.',
  },
  STRANDED_RECORDS: {
    title: 'The old source holds records that never reached the other side',
    remedy:
      'They were written there and not copied before the workload moved away: nothing is copied over them. Read them with `kmc consume` from the offsets named and write again what is still wanted; then `kmc mirror repair LINK TOPIC reseed` makes the topic again as a mirror of what the other side has.',
  },
  FOREIGN_WRITER: {
    title: 'Somebody else than the link wrote to a mirror',
    remedy:
      'Find the writer named in the message and take WRITE on the mirror from it. The link cannot take its records out again: `kmc mirror repair LINK TOPIC reseed` makes the mirror again from the source (or delete the mirror topic).',
  },
  PRODUCER_STATE_EXPIRED: {
    title:
      'The destination had forgotten what the link wrote last (producer.id.expiration.ms); an event, no fault',
    remedy:
      'Nothing to do: the link read its position from the log and went on. Where it happens often, raise `producer.id.expiration.ms` on the destination brokers.',
  },
  DESTINATION_BELOW_MIN_INSYNC: {
    title:
      'The destination has fewer replicas in sync than min.insync.replicas asks for, so it takes no records',
    remedy:
      'Bring the missing brokers of the destination back; the link waits and goes on by itself, nothing is lost meanwhile.',
  },
  DESTINATION_STORAGE: {
    title: 'A broker of the destination cannot write to its disk',
    remedy:
      "The disk is full or failing: free or enlarge it, and look at that broker's log. The link waits and goes on by itself, nothing is lost meanwhile.",
  },
  SOURCE_TOPIC_RECREATED: {
    title: 'The source topic was deleted and made again',
    remedy:
      '`kmc mirror repair LINK TOPIC reseed` (or delete the mirror topic) mirrors the new one from its beginning; to keep the old records, exclude the topic from the link, or `kmc mirror failover LINK TOPIC` makes the mirror a topic of its own.',
  },
  SOURCE_TOPIC_DELETED: {
    title: 'The source topic is gone',
    remedy:
      'The mirror keeps its records. Delete the mirror topic, or exclude the topic from the link, to end this.',
  },
  SOURCE_TOPIC_MISSING: {
    title: 'A topic that the link names in full is not at the source',
    remedy:
      'Make it there, or grant DESCRIBE and READ on it: Kafka does not show topics that one may not describe. The link looks again every two seconds.',
  },
  GROUP_MISSING: {
    title: 'A group that the link names in full is not at the source',
    remedy:
      'It appears with its first commit; until then nothing is lost. If it is there, grant DESCRIBE on it: Kafka does not list groups that one may not describe.',
  },
  MIRROR_NOT_EMPTY: {
    title: 'The destination already has a topic of that name, and this link did not make it',
    remedy:
      'Nothing was written. Either give the link a `prefix:`, exclude the topic with `"!TOPIC"`, or delete the topic on the destination if its records are not needed.',
  },
  MIRROR_CLAIMED: {
    title: 'Another link keeps the topic of that name, or it was promoted and is a topic of its own',
    remedy:
      'Nothing was written. Two links cannot write one topic: give this link a `prefix:`, or exclude the topic with `"!TOPIC"`, or end the other link (`kmc link delete`) and delete the topic.',
  },
  MIRROR_UNKNOWN: {
    title: 'The fleet has no such mirror, or several links have one',
    remedy: 'List the mirrors with: kmc mirror list',
  },
  MIRROR_VERB_REFUSED: {
    title: 'The mirror is in a state in which that cannot be done, or the repair does not fit its fault',
    remedy: '`kmc mirror describe LINK TOPIC` shows the state, the fault, and the commands that fit.',
  },
  MIRROR_NOT_ANSWERED: {
    title: 'No worker has answered the wish for a mirror in time',
    remedy:
      'The wish stands: the worker of the link does it when it runs (`kmc link list` shows whether one does). A failover needs no worker.',
  },
  LINK_HAS_MIRRORS: {
    title: 'The link still keeps mirrors',
    remedy:
      'Promote or fail over its mirrors first (`kmc mirror promote LINK --all`), or pass --keep-mirrors: they stay as ordinary topics with what has arrived.',
  },
  MIRROR_PARTITIONS: {
    title: 'The mirror has more partitions than the source',
    remedy:
      'Nothing is copied to it meanwhile, and nothing was lost. Kafka cannot remove partitions: give the source topic as many if they were meant (the link goes on by itself), else `kmc mirror repair LINK TOPIC reseed` (or delete the mirror topic) makes the mirror again with the right number.',
  },
  CORRUPT_BATCH: {
    title: 'A batch of the source fails its CRC-32C check',
    remedy:
      'The disk of the source broker may be failing: check its log and let a replica take over the partition; the link looks again every half minute. If no replica has the batch whole, `kmc mirror repair LINK TOPIC accept-gap` goes on after it.',
  },
  OLD_RECORD_FORMAT: {
    title: 'A batch of the source is in a record format of before Kafka 0.11',
    remedy:
      'Exact links read record format 2 only; rewrite the topic once at the source, or exclude it from the link.',
  },
  MIRROR_BATCH_TOO_LARGE: {
    title: 'The destination refuses a batch because of its size',
    remedy:
      'Nothing is lost as long as the source keeps it. Raise `max.message.bytes` of the mirror above the size in the message (`kafka-configs --alter --entity-type topics` at the destination); the link sets it itself, to what the topic TOPIC sets at the source and at least 16 MiB, where it has ALTER_CONFIGS. Then `kmc mirror repair LINK TOPIC resume`, or wait half a minute.',
  },
  BATCH_REFUSED: {
    title: 'The destination refuses a batch',
    remedy:
      'The message of the broker says why; the partition stands still until that is changed; the link tries again every half minute.',
  },
  SOURCE_UNREACHABLE: {
    title: 'A broker of the source does not answer',
    remedy:
      'The link goes on by itself when it does. `kmc cluster describe` and `kmc doctor` look at the cluster.',
  },
  DESTINATION_UNREACHABLE: {
    title: 'A broker of the destination does not answer',
    remedy:
      'The link goes on by itself when it does. `kmc cluster describe` and `kmc doctor` look at the cluster.',
  },
  PARTITION_STUCK: {
    title: 'Every write of a partition fails although the destination answers',
    remedy:
      'The message says what the destination answers. The link tries again every half minute; look at that broker.',
  },
  NOT_AUTHORIZED: {
    title: 'The link has no right to do that',
    remedy:
      'Source: READ and DESCRIBE_CONFIGS on the topics, DESCRIBE on the groups. Destination: CREATE, READ, WRITE, DELETE, ALTER and ALTER_CONFIGS, DESCRIBE_CONFIGS on the mirrors and on __kmc_state, ALTER on the cluster, READ on the groups and on their topics, and on the group of its workers, __kmc_link_LINK. The link tries again every half minute.',
  },
  PREFLIGHT_FAILED: {
    title: 'The link cannot be exact as things are, so it does not start',
    remedy:
      'The message lists what is wrong; `kmc link check LINK` says of each what to grant or change. The link looks again every few seconds and starts by itself.',
  },
  FENCED: {
    title: 'Another process has taken this worker over',
    remedy:
      'A process under the same name works on the link now, or a later generation has written. Nothing to do where that was meant; else see that no two machines use copies of one `.kmc` folder.',
  },
  COORDINATOR_UNREACHABLE: {
    title: "A worker cannot reach the coordinator of its link's workers",
    remedy:
      'Another worker may have its partitions by now, so it copies nothing until the destination broker that coordinates the group __kmc_link_LINK answers again; `kmc cluster describe` looks at the brokers.',
  },
  MIRROR_FAILED: {
    title: 'The mirror topic could not be made or read',
    remedy: 'The message says which request failed; the link tries again every few seconds.',
  },
  GROUP_SYNC_FAILED: {
    title: 'Positions of a consumer group could not be carried over',
    remedy: 'The message says which request failed; the link tries again every few seconds.',
  },
  TRAVEL_FAILED: {
    title: 'ACLs, quotas or users could not be carried over',
    remedy:
      'The message says which request failed; the link tries again every few seconds. Records are copied meanwhile.',
  },
  STATE_UNREADABLE: {
    title: 'The topic __kmc_state holds a record that this version cannot read',
    remedy:
      'It was written by a newer kmc, or by somebody else. Use that version, or remove the record that is named.',
  },
  STATE_UNREACHABLE: {
    title: 'The topic __kmc_state could not be read or written',
    remedy:
      'See that the destination cluster is whole (`kmc cluster describe`): the partition of that topic needs a leader.',
  },
  LINK_TO_ITSELF: {
    title: 'Both ends of the link are the same cluster',
    remedy: 'Give the link two clusters: the addresses of its `from` and `to` lead to one cluster id.',
  },
  LINK_SOURCE_CHANGED: {
    title: 'A link of this name was made for another source cluster',
    remedy:
      'Name the link differently, or delete the old one with `kmc link delete LINK` first; its mirrors stay.',
  },
  WORKER_NOT_STARTED: {
    title: 'The process of a link could not be started',
    remedy:
      'Mostly the machine is out of memory or processes; free some, and the supervisor starts it again.',
  },
  VERIFY_READ_FAILED: {
    title: 'A side could not be read to the end',
    remedy:
      'Nothing was proved for that partition. See that the cluster answers (`kmc doctor`) and verify again.',
  },
  VERIFY_NOTHING: {
    title: 'There is nothing to compare',
    remedy: 'The link has no mirrors yet, or none matches `--topic`; `kmc mirror list` shows them.',
  },
  LINK_UNKNOWN: {
    title: 'There is no such link',
    remedy: '`kmc link list` shows the links of this fleet.',
  },
} as const

export type LinkErrorCode = keyof typeof linkErrors

/** What LINK and TOPIC stand for; a name that is not known stays a placeholder. */
export type Names = { readonly link?: string | undefined; readonly topic?: string | undefined }

/** A remedy with names in place of LINK and TOPIC, so that its commands can be run as they are. */
export function withNames(remedy: string, { link, topic }: Names): string {
  return remedy.replaceAll(/LINK|TOPIC/g, (word) => (word === 'LINK' ? link : topic) ?? word)
}

/** A fault whose remedy names the link and the topic. */
export function named(found: Fault, names: Names): Fault {
  return { ...found, remedy: withNames(found.remedy, names) }
}

/** A fault with the table's remedy, dated now. */
export function fault(code: LinkErrorCode, message: string, evidence: Fault['evidence'] = {}): Fault {
  return { code, message, remedy: linkErrors[code].remedy, evidence, since: Date.now() }
}

/** The same as an error, for places that throw; the context's `link` and `topic` are named in the remedy. */
export function linkError(
  code: LinkErrorCode,
  message: string,
  options: {
    readonly context?: Record<string, unknown>
    readonly cause?: unknown
    readonly retriable?: boolean
  } = {},
): KmcError {
  const { link, topic } = (options.context ?? {}) as Names
  return new KmcError(code, message, {
    remedy: withNames(linkErrors[code].remedy, { link, topic }),
    ...options,
  })
}

/** Which entry of the table an error that came up from below belongs to; null when none says more than itself. */
export function linkCodeOf(error: unknown): LinkErrorCode | null {
  if (error instanceof KafkaError && error.kafkaName.endsWith('AUTHORIZATION_FAILED')) return 'NOT_AUTHORIZED'
  return error instanceof KmcError && error.code in linkErrors ? (error.code as LinkErrorCode) : null
}

export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}

export function corruptBatch(header: BatchHeader): KmcError {
  const { baseOffset: offset, lastOffsetDelta } = header
  const text = `the batch of offsets ${offset} to ${offset + lastOffsetDelta} fails its CRC check`
  return linkError('CORRUPT_BATCH', text, { context: { offset, count: lastOffsetDelta + 1 } })
}

/** The fault behind a refusal that repeating cannot cure, or null when recovery and another try may. */
export function refusedBatch(at: TopicPartition, sending: Sending, answer: Produced): Fault | null {
  const { name, retriable } = errorOf(answer.errorCode)
  const evidence = {
    ...at,
    ...{ offset: sending.offset, count: sending.count },
    bytes: sending.kind === 'batch' ? sending.bytes.length : null,
    error: name,
    message: answer.message,
  }
  const { offset, count } = sending
  const size = sending.kind === 'batch' ? `, ${sending.bytes.length} bytes` : ''
  const span = count === 1 ? `offset ${offset}` : `offsets ${offset} to ${offset + count - 1}`
  const which = `the batch of ${span} (${count} record${count === 1 ? '' : 's'}${size})`
  const said = answer.message === null || answer.message === '' ? '' : `: ${answer.message}`
  const text = `${nameOf(at)}: ${which} was refused by the destination with ${name}${said}`
  switch (answer.errorCode) {
    case ErrorCode.MESSAGE_TOO_LARGE:
    case ErrorCode.RECORD_LIST_TOO_LARGE:
      return fault('MIRROR_BATCH_TOO_LARGE', text, evidence)
    case ErrorCode.CORRUPT_MESSAGE:
      return fault('CORRUPT_BATCH', text, evidence)
    case ErrorCode.TOPIC_AUTHORIZATION_FAILED:
    case ErrorCode.CLUSTER_AUTHORIZATION_FAILED:
      return notAuthorized(at, `a batch at offset ${sending.offset}`, answer.errorCode)
    case ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER:
    case ErrorCode.DUPLICATE_SEQUENCE_NUMBER:
    case ErrorCode.UNKNOWN_PRODUCER_ID:
    case ErrorCode.INVALID_PRODUCER_EPOCH:
      // Another writer of the link, or producer state that expired: recovery reads which, and goes on from the truth.
      return null
    default:
      return retriable ? null : fault('BATCH_REFUSED', text, evidence)
  }
}

/** The fault when one of these codes says that a right is missing, which no repetition cures; null when none does. */
export function notAuthorized(
  at: TopicPartition,
  what: string,
  ...errorCodes: readonly number[]
): Fault | null {
  const missing = errorCodes.find(
    (code) =>
      code === ErrorCode.TOPIC_AUTHORIZATION_FAILED ||
      code === ErrorCode.CLUSTER_AUTHORIZATION_FAILED ||
      code === ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  )
  if (missing === undefined) return null
  const { name } = errorOf(missing)
  return fault('NOT_AUTHORIZED', `${nameOf(at)}: ${what} refused with ${name}`, { ...at, error: name })
}
