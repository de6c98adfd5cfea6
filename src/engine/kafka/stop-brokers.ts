import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BrokerNode } from './broker-node.ts'

const POLL_MS = 50
/** LogManager writes it when every log is flushed and closed, and removes it at start. */
const CLEAN_MARKER = '.kafka_cleanshutdown'

/**
 * Stops the brokers of one cluster together. The last controller that is left of several has become leader of
 * a quorum that will not come, and Kafka lets it wait 5 s for it (KafkaRaftClient.shutdown). By then its logs
 * are flushed and closed, which the marker proves, so it is killed instead: nothing that it still does is of
 * use.
 */
export async function stopBrokers(nodes: readonly BrokerNode[]): Promise<void> {
  const left = new Set(nodes)
  const stops = nodes.map(async (broker) => {
    await broker.process.stop()
    left.delete(broker)
  })
  if (nodes.length > 1) await endLast(left)
  await Promise.all(stops)
}

async function endLast(left: ReadonlySet<BrokerNode>): Promise<void> {
  while (left.size > 1) await sleep(POLL_MS)
  const [last] = left
  if (last === undefined) return
  const marker = join(last.paths.data, CLEAN_MARKER)
  while (left.has(last) && !existsSync(marker)) await sleep(POLL_MS)
  await sleep(10 * POLL_MS)
  if (left.has(last)) last.process.signal('SIGKILL')
}
