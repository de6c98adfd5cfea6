import { Kafka, logLevel } from 'kafkajs'
import { delay, type Mover, type Place, recordValue, Tally } from './mover.ts'

/**
 * It gives up after five tries otherwise, and each waits twice as long as the last, up to 30 s: a reader begins to
 * count anew only when its group rebalances. Its idempotence never gets over a cluster that knew it before.
 */
const retry = { retries: 60, maxRetryTime: 1_000 }

export async function kafkajsWriter(place: Place, name: string): Promise<Mover> {
  const { topic, partitions, pauseMs } = place
  const producer = clientOf(place, name).producer({ maxInFlightRequests: 1, retry })
  await producer.connect()
  const tally = new Tally()
  let isStopping = false
  const work = (async () => {
    while (!isStopping) {
      const id = tally.begin()
      const message = { partition: id % partitions, key: `key-${id}`, value: recordValue(name, id) }
      try {
        await producer.send({ topic, acks: -1, messages: [message] })
        tally.acknowledged(id)
      } catch (error) {
        tally.error(String(error))
      }
      await delay(pauseMs)
    }
    await producer.disconnect()
  })()
  return mover(name, 'writer', tally, async () => {
    isStopping = true
    await work
  })
}

export async function kafkajsReader(place: Place, name: string): Promise<Mover> {
  const consumer = clientOf(place, name).consumer({ groupId: name, maxWaitTimeInMs: 500, retry })
  const tally = new Tally()
  await consumer.connect()
  await consumer.subscribe({ topic: place.topic, fromBeginning: true })
  consumer.on('consumer.crash', ({ payload: { error } }) => tally.error(String(error)))
  await consumer.run({
    autoCommitInterval: 5_000,
    eachMessage: async ({ partition, message }) => tally.read(partition, Number(message.offset)),
  })
  return mover(name, 'reader', tally, () => consumer.disconnect())
}

function clientOf({ bootstrap }: Place, clientId: string): Kafka {
  return new Kafka({ clientId, brokers: [bootstrap], logLevel: logLevel.NOTHING, retry })
}

/** A mover whose account is kept here. */
export function mover(name: string, role: Mover['role'], tally: Tally, end: () => Promise<void>): Mover {
  return {
    ...{ name, role },
    seen: async () => tally.seen(),
    calm: async () => tally.calm(),
    stop: async () => {
      await end()
      return tally.seen()
    },
  }
}
