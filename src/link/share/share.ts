import type { TopicPartition } from '../port.ts'
import { type Assignment, Division, type WorkerInfo, workerName } from './assignment.ts'

/** What one worker has of a link in one generation. */
export type Share = {
  /** This worker's name for people. */
  readonly self: string
  /** Whether mirrors, settings and group positions are this worker's to look after. */
  readonly isLeader: boolean
  /** Whether there are other workers. */
  readonly isShared: boolean
  /** The name of another worker that copies this partition of the source; null where it is this worker's own. */
  otherOwnerOf(at: TopicPartition): string | null
  /** Whether this worker surely holds its place now. */
  mayWrite(): boolean
  /** Gives this generation up for a new one, in which all begin anew. */
  startOver(why: string): void
}

/** The share of worker `id` in an assignment; null when the assignment does not name it. */
export function shareOf(
  { members, leader }: Assignment,
  id: string,
  place: Pick<Share, 'mayWrite' | 'startOver'>,
): Share | null {
  const self = members.find((member) => member.id === id)
  if (self === undefined) return null
  const division = new Division(members)
  return {
    ...place,
    self: workerName(self),
    isLeader: leader === id,
    isShared: members.length > 1,
    otherOwnerOf: (at) => {
      const owner: WorkerInfo = division.ownerOf(at)
      return owner.id === id ? null : workerName(owner)
    },
  }
}

/** The same where the leading worker copies everything: the transactional ids of a link are not divided. */
export function aloneAt(share: Share, { members, leader }: Assignment): Share {
  const leading = members.find(({ id }) => id === leader)
  const name = leading === undefined ? leader : workerName(leading)
  return { ...share, otherOwnerOf: () => (share.isLeader ? null : name) }
}
