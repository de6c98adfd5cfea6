import type { Fetched } from '../../src/link/port.ts'
import { iterateBatches } from '../../src/wire/batch/header.ts'
import { AT, ATTRIBUTE } from '../../src/wire/batch/layout.ts'
import { crc32c } from '../../src/wire/crc32c.ts'
import { ErrorCode } from '../../src/wire/error-codes.ts'
import { readAt } from '../model/reading.ts'
import type { Mutant } from './mutant.ts'
import { atSource } from './wrap.ts'

function eachAnswer(name: string, bug: string, change: (fetched: Fetched) => Fetched): Mutant {
  return atSource(name, bug, (port) => ({
    fetch: async (node, items, options) => (await port.fetch(node, items, options)).map(change),
  }))
}

/** The answer without batches that do not please. */
function without(fetched: Fetched, unwanted: (batch: Buffer) => boolean): Fetched {
  const batches = [...iterateBatches(fetched.records ?? Buffer.alloc(0))].map(({ bytes }) => bytes)
  return { ...fetched, records: Buffer.concat(batches.filter((bytes) => !unwanted(bytes))) }
}

function unstamped(fetched: Fetched): Fetched {
  for (const { bytes } of iterateBatches(fetched.records ?? Buffer.alloc(0))) {
    bytes[AT.attributes + 1] = bytes[AT.attributes + 1]! & ~ATTRIBUTE.logAppendTime
    bytes.writeUInt32BE(crc32c(bytes.subarray(AT.attributes)), AT.crc)
  }
  return fetched
}

function hasHoles(bytes: Buffer): boolean {
  return bytes.readInt32BE(AT.recordCount) !== bytes.readInt32BE(AT.lastOffsetDelta) + 1
}

/** Bugs of whoever reads the source. */
export const readingMutants: readonly Mutant[] = [
  eachAnswer('aborted-list-ignored', 'aborted records are copied', (fetched) => ({
    ...fetched,
    abortedTransactions: [],
  })),
  eachAnswer('append-time-lost', 'a LogAppendTime batch keeps the timestamps of its records', unstamped),
  eachAnswer('holes-drop-batches', 'a batch that the cleaner has thinned is taken for a gap', (fetched) =>
    without(fetched, hasHoles),
  ),
  atSource('read-uncommitted', 'records of undecided transactions are copied', (port, world) => ({
    fetch: async (node, items, options) => {
      const answers = await port.fetch(node, items, options)
      return answers.map((answer, index) => {
        const log = world.source.topics.get(answer.topic)?.partitions[answer.partition]?.log
        if (log === undefined || answer.errorCode !== 0 || answer.records !== null) return answer
        const batches = log.entries
          .filter(({ next }) => next > items[index]!.offset)
          .map(({ bytes }) => bytes)
        return { ...answer, lastStableOffset: log.end, records: Buffer.concat(batches) }
      })
    },
  })),
  atSource('out-of-range-skipped', 'deleted offsets are passed over without a word', (port, world) => ({
    fetch: async (node, items, options) => {
      const answers = await port.fetch(node, items, options)
      return answers.map((answer, index) => {
        const log = world.source.topics.get(answer.topic)?.partitions[answer.partition]?.log
        if (answer.errorCode !== ErrorCode.OFFSET_OUT_OF_RANGE || log === undefined) return answer
        return readAt(world.source, node, { ...items[index]!, offset: log.start, id: '' })
      })
    },
  })),
  atSource('topic-id-ignored', 'a topic that was made again is read on by its name', (port) => ({
    pin: () => {},
    topics: async () => (await port.topics()).map((topic) => ({ ...topic, id: `${topic.name}#1` })),
  })),
  atSource('starts-late', 'a mirror begins one offset after the source', (port) => ({
    startOffsets: async (topic, start) => (await port.startOffsets(topic, start)).map((offset) => offset + 1),
  })),
  atSource(
    'trims-too-much',
    'one record more than the source has deleted is deleted from the mirror',
    (port) => ({
      logStarts: async (topic) => (await port.logStarts(topic)).map((offset) => offset + 1),
    }),
  ),
]
