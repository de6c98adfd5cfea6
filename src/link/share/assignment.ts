import { createHash } from 'node:crypto'
import { z } from 'zod'
import { linkError } from '../errors.ts'
import type { TopicPartition } from '../port.ts'

/** One process or thread that works on a link. */
const workerInfo = z.object({
  /** Made anew with each start: tells a process from the one before it under the same name. */
  id: z.string(),
  host: z.string(),
  pid: z.number().int(),
  thread: z.number().int(),
})

const member = workerInfo.extend({
  /** What places it among the others; outlives a restart where the worker has a name. */
  key: z.string(),
})

const assignmentSchema = z.object({
  format: z.literal(1),
  /** The lease that the leader took for all: coordinatorEpoch of their markers. */
  generation: z.number().int().min(1),
  producerId: z.number().int().min(0),
  producerEpoch: z.number().int().min(0),
  /** How all of them fill gaps; null while something makes exactness impossible, and none of them works. */
  gaps: z.enum(['markers', 'transactions']).nullable(),
  /** Id of the worker that looks after mirrors, settings and group positions. */
  leader: z.string(),
  members: z.array(member).min(1).max(1_000),
})

export type WorkerInfo = z.infer<typeof workerInfo>
export type AssignedWorker = z.infer<typeof member>
/** What the leader of a link's workers hands to all of them, the same bytes to each. */
export type Assignment = Omit<z.infer<typeof assignmentSchema>, 'format'>

export function encodeAssignment(assignment: Assignment): Buffer {
  return Buffer.from(JSON.stringify({ format: 1, ...assignment }))
}

/** @throws STATE_UNREADABLE when another version, or something else, wrote it. */
export function decodeAssignment(bytes: Buffer): Assignment {
  try {
    const { format: _, ...assignment } = assignmentSchema.parse(JSON.parse(bytes.toString()))
    return assignment
  } catch (cause) {
    throw linkError('STATE_UNREADABLE', "the assignment of the link's workers is not readable", { cause })
  }
}

/** What a worker says of itself when it joins. */
export type WorkerNote = WorkerInfo & {
  /** Generations up to this one are known to have written; the next must lie above. */
  readonly above: number
  /** Counts joins that are to start a new generation: other bytes make the coordinator do so. */
  readonly round: number
}

const noteSchema = workerInfo.extend({ above: z.number().int(), round: z.number().int() })

export function encodeNote(note: WorkerNote): Buffer {
  return Buffer.from(JSON.stringify(note))
}

/** @throws STATE_UNREADABLE */
export function decodeNote(bytes: Buffer): WorkerNote {
  try {
    return noteSchema.parse(JSON.parse(bytes.toString()))
  } catch (cause) {
    throw linkError('STATE_UNREADABLE', "a member of the link's group is no worker of this version", {
      cause,
    })
  }
}

/**
 * Who copies what: the workers in an order of its own for each topic (by the hash of topic and worker), and partition
 * p goes to the p-th of them, round and round. So each topic is spread to within one partition, topics of one
 * partition are spread over all, and neither a new topic nor a new partition moves anything.
 */
export class Division {
  readonly #members: readonly AssignedWorker[]
  readonly #orders = new Map<string, readonly AssignedWorker[]>()

  constructor(members: readonly AssignedWorker[]) {
    this.#members = members
  }

  ownerOf({ topic, partition }: TopicPartition): AssignedWorker {
    const order = this.#orders.get(topic) ?? this.#orderFor(topic)
    return order[partition % order.length]!
  }

  #orderFor(topic: string): readonly AssignedWorker[] {
    const ranked = this.#members.map((worker) => ({ worker, rank: rankOf(topic, worker.key) }))
    ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1))
    const order = ranked.map(({ worker }) => worker)
    this.#orders.set(topic, order)
    return order
  }
}

function rankOf(topic: string, key: string): string {
  return createHash('sha256').update(`${topic}\0${key}`).digest('hex')
}

/** How a worker is named to people. */
export function workerName({ host, pid, thread }: WorkerInfo): string {
  return thread === 0 ? `${host}/${pid}` : `${host}/${pid}.${thread}`
}
