import { Consumer, MessagesStreamModes, Producer } from '@platformatic/kafka'
import { mover } from './kafkajs.ts'
import { delay, type Mover, type Place, recordValue, Tally } from './mover.ts'

/** It gives up after a second otherwise. */
const patience = { retries: 20, retryDelay: 500 }

export async function platformaticWriter(place: Place, name: string): Promise<Mover> {
  const { topic, partitions, bootstrap, pauseMs } = place
  const producer = new Producer({
    ...{ clientId: name, bootstrapBrokers: [bootstrap], idempotent: true, acks: -1 },
    ...patience,
  })
  const tally = new Tally()
  let isStopping = false
  const work = (async () => {
    while (!isStopping) {
      const id = tally.begin()
      const value = Buffer.from(recordValue(name, id))
      try {
        await producer.send({ messages: [{ topic, partition: id % partitions, value }] })
        tally.acknowledged(id)
      } catch (error) {
        tally.error(String(error))
      }
      await delay(pauseMs)
    }
    await producer.close(true)
  })()
  return mover(name, 'writer', tally, async () => {
    isStopping = true
    await work
  })
}

export async function platformaticReader(place: Place, name: string): Promise<Mover> {
  const { bootstrap, topic } = place
  const consumer = new Consumer({
    ...{ clientId: name, bootstrapBrokers: [bootstrap], groupId: name, maxWaitTime: 500 },
    ...patience,
  })
  const tally = new Tally()
  const stream = await consumer.consume({
    topics: [topic],
    mode: MessagesStreamModes.COMMITTED,
    fallbackMode: 'earliest',
    autocommit: 5_000,
  })
  stream.on('data', ({ partition, offset }) => tally.read(partition, Number(offset)))
  stream.on('error', (error) => tally.error(String(error)))
  return mover(name, 'reader', tally, () => consumer.close(true))
}
