import type { Access } from '../access.ts'
import type { FollowerCounts, GroupProtocol, JavaClient, JournalWriter } from '../java/client.ts'
import { GAP_MAX, type Mover, type Place, type Seen } from './mover.ts'

/** The client's own default: a switch keeps requests waiting, and one that is given up goes out of order. */
const REQUEST_MS = 30_000
const nothing = { again: 0, passedOver: 0, outcomes: '' }

/** A producer of Kafka's Java client; a transactional one aborts three in ten of its transactions. */
export async function javaWriter(
  java: JavaClient,
  place: Place,
  name: string,
  kind: JournalWriter['kind'],
): Promise<Mover> {
  const { topic, partitions, pauseMs } = place
  const perSecond = kind === 'transactional' ? 4 : 1_000 / pauseMs
  const shape = { perSecond, valueBytes: 100, codec: 'gzip', requestTimeoutMs: REQUEST_MS } as const
  const writer = { name, kind, topic, partitions, ...shape }
  await java.startJournal(accessTo(place), writer)
  const seen = async (): Promise<Seen> => {
    const { acknowledged, longestMs, errors } = (await java.journalCounts())[name]!
    return { ...nothing, records: acknowledged, longestMs, errors }
  }
  return {
    ...{ name, role: 'writer', seen },
    calm: () => java.calm(name),
    stop: async () => {
      const before = await seen()
      const { outcomes } = await java.stopJournal(name)
      return { ...before, outcomes }
    },
  }
}

/** A consumer of Kafka's Java client in a group of its own, or assigned to all partitions. */
export async function javaReader(
  java: JavaClient,
  place: Place,
  name: string,
  protocol: GroupProtocol | null,
): Promise<Mover> {
  const group = protocol === null ? {} : { group: name, protocol }
  await java.startFollower(accessTo(place), { name, topic: place.topic, gap: GAP_MAX, ...group })
  return {
    ...{ name, role: 'reader' },
    seen: async () => seenBy((await java.followerCounts())[name]!),
    calm: () => java.calm(name),
    stop: async () => seenBy(await java.stopFollower(name)),
  }
}

function seenBy({ read, again, passedOver, errors, longestMs }: FollowerCounts): Seen {
  return { ...{ records: read, longestMs, errors, again, passedOver }, outcomes: '' }
}

function accessTo({ bootstrap }: Place): Access {
  return { name: 'route', bootstrap: [bootstrap] }
}
