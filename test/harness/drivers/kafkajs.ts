import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { CompressionTypes, type IHeaders, Kafka, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs'
import type { Access } from '../access.ts'
import type { NewRecord, SeenHeader, SeenRecord } from '../records.ts'
import { waitUntil } from '../wait.ts'
import type { Reader, Writer } from './reader.ts'

const READ_MS = 45_000
/** After the last record that was waited for, a record too many would come within this. */
const AFTERWARDS_MS = 400

/** kafkajs knows gzip only unless other packages are added. It tells no timestamp type. */
export const kafkajs: Reader & Writer = {
  name: 'kafkajs',
  codecs: ['none', 'gzip'],
  filtersAborted: true,
  async read(access, topic, { atLeast }) {
    const consumer = client(access).consumer({ groupId: randomUUID(), maxWaitTimeInMs: 200 })
    const records: SeenRecord[] = []
    try {
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      await consumer.run({
        autoCommit: false,
        eachMessage: async ({ partition, message }) => {
          records.push({
            partition,
            offset: Number(message.offset),
            timestamp: Number(message.timestamp),
            timestampType: null,
            key: base64(message.key),
            value: base64(message.value),
            headers: headersOf(message.headers),
          })
        },
      })
      const lastSeen = () => records.length
      await waitUntil(`kafkajs reads ${atLeast} records`, () => records.length >= atLeast, {
        withinMs: READ_MS,
        lastSeen,
      })
      await new Promise((resolve) => setTimeout(resolve, AFTERWARDS_MS))
    } finally {
      await consumer.disconnect()
    }
    return records
  },
  async write(access, topic, records, codec) {
    const producer = client(access).producer()
    await producer.connect()
    try {
      const compression = codec === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None
      await producer.send({ topic, compression, messages: records.map(messageOf) })
    } finally {
      await producer.disconnect()
    }
  },
}

function client({ bootstrap, caFile, user, pemFile }: Access): Kafka {
  const config: KafkaConfig = { brokers: [...bootstrap], logLevel: logLevel.NOTHING }
  if (user === undefined || caFile === undefined) return new Kafka(config)
  const { mechanism, username, password } = user
  const sasl = { mechanism: mechanism.toLowerCase(), username, password } as SASLOptions
  const own = pemFile === undefined ? {} : { key: readFileSync(pemFile), cert: readFileSync(pemFile) }
  return new Kafka({ ...config, ssl: { ca: [readFileSync(caFile, 'utf8')], ...own }, sasl })
}

function messageOf(record: NewRecord) {
  const headers = Object.fromEntries(
    (record.headers ?? []).map(([name, value]) => [name, unpacked(value) ?? '']),
  )
  return {
    partition: record.partition,
    key: unpacked(record.key),
    value: unpacked(record.value),
    headers,
    ...(record.timestamp === undefined ? {} : { timestamp: String(record.timestamp) }),
  }
}

function unpacked(text: string | null | undefined): Buffer | null {
  return text === null || text === undefined ? null : Buffer.from(text, 'base64')
}

function base64(bytes: Buffer | null): string | null {
  return bytes === null ? null : bytes.toString('base64')
}

/** kafkajs gives headers by name: several of one name become a list. */
function headersOf(headers: IHeaders | undefined): SeenHeader[] {
  return Object.entries(headers ?? {}).flatMap(([name, value]) => {
    const values = Array.isArray(value) ? value : [value]
    return values.map(
      (one): SeenHeader => [name, one === undefined ? null : Buffer.from(one).toString('base64')],
    )
  })
}
