import { Kafka, logLevel } from 'kafkajs'
import { run } from './run.ts'

const TIME_MS = 1_700_000_000_000

/** Writes and reads with kafkajs, whose protocol versions are older than the Java client's; it knows only gzip. */
export async function kafkaJsTraffic(bootstrap: string): Promise<void> {
  const kafka = new Kafka({ clientId: 'kafkajs', brokers: [bootstrap], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await admin.fetchTopicMetadata({ topics: ['plain'] })
  await admin.fetchTopicOffsets('plain')
  await admin.listGroups()
  const producer = kafka.producer({
    idempotent: true,
    transactionalId: 'kafkajs-txn',
    maxInFlightRequests: 1,
  })
  await producer.connect()
  const transaction = await producer.transaction()
  await transaction.send({
    topic: 'plain',
    messages: [{ key: 'k', value: 'kafkajs', headers: { a: 'b' }, timestamp: String(TIME_MS) }],
  })
  await transaction.commit()
  await producer.disconnect()
  const consumer = kafka.consumer({ groupId: 'kafkajs-group' })
  await consumer.connect()
  await consumer.subscribe({ topics: ['plain'], fromBeginning: true })
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('kafkajs read nothing in 20 s')), 20_000)
    consumer.on('consumer.commit_offsets', () => {
      clearTimeout(timer)
      resolve()
    })
    consumer.run({ eachMessage: async () => {} }).catch(reject)
  })
  await admin.describeGroups(['kafkajs-group'])
  await consumer.disconnect()
  await admin.disconnect()
}

/** Writes with librdkafka in every codec, and reads. */
export async function kcatTraffic(bootstrap: string): Promise<void> {
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    const input = Array.from({ length: 20 }, (_, i) => `key-${i}:kcat ${codec} value ${i} `).join('\n')
    await run('kcat', ['-P', '-b', bootstrap, '-t', 'codecs', '-K:', '-z', codec, '-H', 'from=kcat'], input)
  }
  await run('kcat', ['-L', '-b', bootstrap])
  await run('kcat', ['-C', '-b', bootstrap, '-t', 'codecs', '-o', 'beginning', '-e', '-q'])
  await run('kcat', ['-b', bootstrap, '-Q', '-t', 'codecs:0:-1'])
}
