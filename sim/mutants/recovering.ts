import type { OffsetAnswer } from '../../src/link/port.ts'
import type { Mutant } from './mutant.ts'
import { atDestination } from './wrap.ts'

function moved(answers: readonly OffsetAnswer[], by: number): OffsetAnswer[] {
  return answers.map((answer) => ({ ...answer, offset: Math.max(0, answer.offset + by) }))
}

/** What is read at recovery, answered wrongly. */
function endsMoved(name: string, bug: string, by: number): Mutant {
  return atDestination(name, bug, (port) => ({
    ends: async (node, partitions) => moved(await port.ends(node, partitions), by),
  }))
}

function sequenceMoved(name: string, bug: string, sequenceOf: (last: number) => number): Mutant {
  return atDestination(name, bug, (port) => ({
    producers: async (node, partitions) => {
      const answers = await port.producers(node, partitions)
      return answers.map((answer) => ({
        ...answer,
        producers: answer.producers.map((one) => ({ ...one, lastSequence: sequenceOf(one.lastSequence) })),
      }))
    },
  }))
}

/** Nothing is held against the source. */
const NO_TAIL = { errorCode: 0, batch: null }

/** Bugs of whoever finds out where to go on. */
export const recoveringMutants: readonly Mutant[] = [
  endsMoved('end-one-more', 'recovery goes on one offset after the end', 1),
  endsMoved('end-one-less', 'recovery goes on one offset before the end', -1),
  sequenceMoved('sequence-from-zero', 'recovery begins with sequence 0', () => -1),
  sequenceMoved('sequence-not-raised', 'recovery sends the last sequence again', (last) => last - 1),
  atDestination(
    'high-watermark-is-the-end',
    'recovery does not wait for what is not replicated yet',
    (port) => ({
      ends: async (node, partitions) => {
        const answers = await port.ends(node, partitions)
        return answers.map((answer) => (answer.offset < 0 ? answer : { ...answer, errorCode: 0 }))
      },
    }),
  ),
  atDestination('equal-ends-prove', 'whatever stands below the end is taken for what belongs there', () => ({
    tails: async (_node, items) => items.map(({ topic, partition }) => ({ topic, partition, ...NO_TAIL })),
  })),
  {
    name: 'damage-forgotten',
    bug: 'a mirror that is known to be wrong is copied to again after a restart',
    mutation: { record: (record) => ({ ...record, damage: [] }) },
    // Mostly the damage is found again, by what the mirror ends with.
    from: 4_501,
  },
  {
    name: 'generation-not-raised',
    bug: 'every worker has the same generation',
    mutation: { writer: (writer) => ({ ...writer, generation: 1 }) },
  },
  {
    name: 'epoch-bump',
    bug: 'taking over raises the producer epoch',
    mutation: { writer: (writer) => ({ ...writer, producerEpoch: writer.generation }) },
  },
]
