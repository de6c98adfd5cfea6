import { Cluster } from '../../src/client/cluster.ts'
import { usageOf } from '../link/meter.ts'
import type { GatewayProcess } from './gateway-process.ts'

const AT_ONCE = 50
/** Opened before the first look, so that code and heap have the size that serving takes. */
const WARM_UP = 200
const SETTLE_MS = 3_000

export type IdleConnections = {
  readonly connections: number
  readonly rssBefore: number
  readonly rssAfter: number
  readonly bytesEach: number
}

/** What connected clients cost that do nothing: each has asked for versions and for all topics. */
export async function idleConnections(gateway: GatewayProcess, count: number): Promise<IdleConnections> {
  const clients: Cluster[] = []
  const connect = async (upTo: number): Promise<number> => {
    while (clients.length < upTo) {
      const some = Array.from({ length: Math.min(AT_ONCE, upTo - clients.length) }, () => connected(gateway))
      clients.push(...(await Promise.all(some)))
    }
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    return usageOf(gateway.pid).rssBytes
  }
  try {
    const rssBefore = await connect(WARM_UP)
    const rssAfter = await connect(WARM_UP + count)
    const bytesEach = Math.max(0, rssAfter - rssBefore) / count
    return { connections: count, rssBefore, rssAfter, bytesEach }
  } finally {
    await Promise.all(clients.map((client) => client.close()))
  }
}

async function connected({ config }: GatewayProcess): Promise<Cluster> {
  const cluster = await Cluster.connect(config)
  await cluster.refresh([])
  return cluster
}
