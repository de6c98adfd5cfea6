import { rewriteBatchHeader } from '../../wire/batch/header.ts'
import { ErrorCode, errorOf } from '../../wire/error-codes.ts'
import { sequenceAfter } from '../copier/sequence.ts'
import { nextSequenceOf } from '../copy/recovery.ts'
import { linkError, nameOf } from '../errors.ts'
import { diverged } from '../evidence.ts'
import type { DestinationPort, MarkerWriter, PartitionAnswer, TopicPartition } from '../port.ts'
import { FILLER_RECORDS_MAX, FillerMaker } from './filler.ts'

/**
 * Brings an empty mirror partition to `startOffset`: filler records up to there, then DeleteRecords. It goes on where
 * an interrupted seeding stopped, since only the log end counts. Afterwards start and end are `startOffset`, and the
 * next record gets exactly that offset.
 * @throws KmcError MIRROR_FAILED (retriable) when the destination refuses; DIVERGED when somebody else writes there.
 */
export async function seedPartition(
  destination: DestinationPort,
  writer: MarkerWriter,
  at: TopicPartition,
  startOffset: number,
  stopping: () => boolean = () => false,
): Promise<void> {
  const node = destination.leaderOf(at)
  if (node === null) throw linkError('MIRROR_FAILED', `${nameOf(at)} has no leader`, { retriable: true })
  const [log] = await destination.ends(node, [at])
  const [state] = await destination.producers(node, [at])
  accept(log)
  accept(state)
  let position = log!.offset
  const own = state!.producers.find(({ producerId }) => producerId === writer.producerId)
  const { producerId } = writer
  const producerEpoch = own?.producerEpoch ?? writer.producerEpoch
  let sequence = nextSequenceOf(own)
  const filler = new FillerMaker()
  while (position < startOffset) {
    if (stopping())
      throw linkError('MIRROR_FAILED', `seeding ${nameOf(at)} was broken off`, { retriable: true })
    const count = Math.min(FILLER_RECORDS_MAX, startOffset - position)
    const batch = filler.make(count)
    rewriteBatchHeader(batch, { producerId, producerEpoch, baseSequence: sequence })
    const [answer] = await destination.produce(node, 0, [{ ...at, batch }])
    accept(answer)
    if (answer!.baseOffset !== position) {
      const { message, evidence } = diverged(at, { expected: position, actual: answer!.baseOffset })
      throw linkError('DIVERGED', message, { context: evidence })
    }
    position += count
    sequence = sequenceAfter(sequence, count)
  }
  if (startOffset === 0) return
  const [deleted] = await destination.deleteRecords(node, [{ ...at, offset: startOffset }])
  accept(deleted)
}

function accept(answer: PartitionAnswer | undefined): void {
  if (answer === undefined || answer.errorCode === ErrorCode.NONE) return
  const { name } = errorOf(answer.errorCode)
  const code = name.endsWith('AUTHORIZATION_FAILED') ? 'NOT_AUTHORIZED' : 'MIRROR_FAILED'
  throw linkError(code, `seeding ${nameOf(answer)} was answered with ${name}`, {
    retriable: true,
    context: { topic: answer.topic, partition: answer.partition, error: name },
  })
}
