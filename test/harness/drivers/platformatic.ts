import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Consumer, MessagesStreamModes, Producer } from '@platformatic/kafka'
import type { Access } from '../access.ts'
import { codecs, type NewRecord, type SeenRecord } from '../records.ts'
import { waitUntil } from '../wait.ts'
import type { Reader, Writer } from './reader.ts'

const READ_MS = 45_000
const AFTERWARDS_MS = 400
/** KIP-98: 1 is read_committed. */
const READ_COMMITTED = 1

/** @platformatic/kafka. It tells no timestamp type. */
export const platformatic: Reader & Writer = {
  name: '@platformatic/kafka',
  codecs,
  // Of several aborted transactions of one producer in one answer, 2.12.1 leaves out only the last.
  filtersAborted: false,
  async read(access, topic, { atLeast }) {
    const consumer = new Consumer({ ...options(access), groupId: randomUUID(), maxWaitTime: 200 })
    const records: SeenRecord[] = []
    try {
      const stream = await consumer.consume({
        topics: [topic],
        mode: MessagesStreamModes.EARLIEST,
        autocommit: false,
        isolationLevel: READ_COMMITTED,
      })
      stream.on('data', ({ partition, offset, timestamp, key, value, headerEntries }) => {
        records.push({
          partition,
          offset: Number(offset),
          timestamp: Number(timestamp),
          timestampType: null,
          key: base64(key),
          value: base64(value),
          headers: headerEntries.map(([name, bytes]) => [name.toString(), base64(bytes)]),
        })
      })
      const lastSeen = () => records.length
      await waitUntil(`@platformatic/kafka reads ${atLeast} records`, () => records.length >= atLeast, {
        withinMs: READ_MS,
        lastSeen,
      })
      await new Promise((resolve) => setTimeout(resolve, AFTERWARDS_MS))
    } finally {
      await consumer.close(true)
    }
    return records
  },
  async write(access, topic, records, codec) {
    const producer = new Producer(options(access))
    try {
      const messages = records.map((record) => messageOf(topic, record))
      await producer.send({ messages, ...(codec === 'none' ? {} : { compression: codec }) })
    } finally {
      await producer.close()
    }
  },
}

function options({ bootstrap, caFile, user }: Access) {
  const plain = { clientId: 'foreign', bootstrapBrokers: [...bootstrap], retries: 5 }
  if (user === undefined || caFile === undefined) return plain
  const { mechanism, username, password } = user
  return { ...plain, tls: { ca: readFileSync(caFile, 'utf8') }, sasl: { mechanism, username, password } }
}

function messageOf(topic: string, record: NewRecord) {
  const headers = new Map(
    (record.headers ?? []).map(([name, value]) => [Buffer.from(name), unpacked(value)!]),
  )
  const key = unpacked(record.key)
  const value = unpacked(record.value)
  return {
    topic,
    partition: record.partition,
    headers,
    ...(key === null ? {} : { key }),
    ...(value === null ? {} : { value }),
    ...(record.timestamp === undefined ? {} : { timestamp: BigInt(record.timestamp) }),
  }
}

function unpacked(text: string | null | undefined): Buffer | null {
  return text === null || text === undefined ? null : Buffer.from(text, 'base64')
}

function base64(bytes: Buffer | null | undefined): string | null {
  return bytes === null || bytes === undefined ? null : bytes.toString('base64')
}
