import type { MarkerItem, Produced, ProduceItem } from '../../src/link/port.ts'
import { AT } from '../../src/wire/batch/layout.ts'
import { crc32c } from '../../src/wire/crc32c.ts'
import { ErrorCode } from '../../src/wire/error-codes.ts'
import type { World } from '../world/world.ts'
import type { Mutant } from './mutant.ts'
import { atDestination } from './wrap.ts'

/** Where a batch will land if nothing is in its way, as a careless writer assumes. */
function landing(world: World, { topic, partition }: ProduceItem | MarkerItem): number {
  return world.destination.topics.get(topic)?.partitions[partition]?.log.end ?? 0
}

function taken(world: World, item: ProduceItem, baseOffset = landing(world, item)): Produced {
  return { topic: item.topic, partition: item.partition, errorCode: 0, baseOffset, message: null }
}

const REFUSED_SEQUENCES: ReadonlySet<number> = new Set([
  ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
  ErrorCode.DUPLICATE_SEQUENCE_NUMBER,
])

/** Bugs of whoever writes batches and markers. */
export const writingMutants: readonly Mutant[] = [
  atDestination('blind-retry', 'a batch is sent again and again until it is taken', (port, world) => ({
    produce: async (node, lane, items) => {
      for (let attempt = 0; attempt < 8; attempt++) {
        try {
          const answers = await port.produce(node, lane, items)
          if (answers.every(({ errorCode }) => errorCode === 0)) return answers
        } catch {
          // Sent again below.
        }
        await new Promise<void>((resolve) => {
          world.events.after(200, resolve)
        })
      }
      return await port.produce(node, lane, items)
    },
  })),
  atDestination('ack-before-answer', 'a batch counts as written once it is sent', (port, world) => ({
    produce: async (node, lane, items) => {
      port.produce(node, lane, items).catch(() => {})
      return items.map((item) => taken(world, item))
    },
  })),
  atDestination('gap-beside-data', 'data follow before the markers of a gap are answered', (port) => ({
    writeMarkers: async (node, writer, items) => {
      port.writeMarkers(node, writer, items).catch(() => {})
      return items.map(({ topic, partition }) => ({ topic, partition, errorCode: 0 }))
    },
  })),
  atDestination(
    'refused-is-written',
    'a refused sequence is taken for one that was written before',
    (port, world) => ({
      produce: async (node, lane, items) => {
        const answers = await port.produce(node, lane, items)
        return answers.map((answer, index) => {
          return REFUSED_SEQUENCES.has(answer.errorCode) ? taken(world, items[index]!) : answer
        })
      },
    }),
  ),
  atDestination('marker-again', 'markers are sent again when their answer is lost', (port) => ({
    writeMarkers: async (node, writer, items) => {
      try {
        return await port.writeMarkers(node, writer, items)
      } catch {
        return await port.writeMarkers(node, writer, items)
      }
    },
  })),
  atDestination('one-marker-short', 'a gap of several offsets gets one marker less', (port) => ({
    writeMarkers: (node, writer, items) => {
      const short = items.map((item) => ({ ...item, count: item.count > 1 ? item.count - 1 : 1 }))
      return port.writeMarkers(node, writer, short)
    },
  })),
  atDestination('one-marker-more', 'a gap of several offsets gets one marker more', (port) => ({
    writeMarkers: (node, writer, items) => {
      const long = items.map((item) => ({ ...item, count: item.count > 1 ? item.count + 1 : 1 }))
      return port.writeMarkers(node, writer, long)
    },
  })),
  atDestination('payload-touched', 'a byte of a record is changed on its way', (port) => ({
    produce: (node, lane, items) => {
      for (const { batch } of items) {
        batch[batch.length - 2] = batch[batch.length - 2]! ^ 1
        batch.writeUInt32BE(crc32c(batch.subarray(AT.attributes)), AT.crc)
      }
      return port.produce(node, lane, items)
    },
  })),
  atDestination('order-lost', 'of two batches in flight the later one is sent first', (port, world) => ({
    produce: async (node, lane, items) => {
      if (items[0]!.batch.readInt32BE(AT.baseSequence) % 3 === 1) {
        await new Promise<void>((resolve) => {
          world.events.after(30, resolve)
        })
      }
      return await port.produce(node, 2 + lane + (items[0]!.batch.readInt32BE(AT.baseSequence) % 2), items)
    },
  })),
]
