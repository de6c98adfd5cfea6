import { setTimeout as sleep } from 'node:timers/promises'
import { produceRaw } from '../../src/client/produce.ts'
import { buildBatch } from '../../src/wire/batch/build.ts'
import type { Side } from '../link/arena.ts'
import { PARTITIONS } from '../link/shapes.ts'
import { quantileOf } from '../quantile.ts'

const VALUE_BYTES = 1_024
/** So many are sent one way before it is the other one's turn. */
const TURN = 50
/** What is sent first is not counted: connections open, code is compiled. */
const WARM_UP = 300

export type Way = 'direct' | 'gateway'
export type Quantiles = { readonly p50Us: number; readonly p99Us: number; readonly samples: number }
export type BothWays = Readonly<Record<Way, Quantiles>>
export type Sides = Readonly<Record<Way, Side>>

const ways = ['direct', 'gateway'] as const

/** One record of 1 KiB at a time, both ways in turns of fifty: microseconds until the answer. */
export async function oneByOne(sides: Sides, topic: string, count: number): Promise<BothWays> {
  const took: Record<Way, number[]> = { direct: [], gateway: [] }
  for (let sent = 0; sent < WARM_UP + count; sent += TURN) {
    for (const way of ways) {
      for (let one = 0; one < TURN; one++) {
        const us = await send(sides[way], topic, 0)
        if (sent >= WARM_UP) took[way].push(us)
      }
    }
  }
  return { direct: quantiles(took.direct), gateway: quantiles(took.gateway) }
}

/**
 * A steady load: a record of 1 KiB about every millisecond, one straight to the broker and the next through the
 * gateway, whether or not earlier ones are answered. So whatever else happens on the machine happens to both.
 */
export async function steadyLoad(sides: Sides, topic: string, durationMs: number): Promise<BothWays> {
  const took: Record<Way, number[]> = { direct: [], gateway: [] }
  const pending = new Set<Promise<void>>()
  const from = performance.now()
  for (let sent = 0; performance.now() - from < durationMs; sent++) {
    const way = ways[sent % 2]!
    const isCounted = sent >= WARM_UP
    const one = send(sides[way], topic, (sent >> 1) % PARTITIONS).then((us) => {
      if (isCounted) took[way].push(us)
    })
    pending.add(one)
    void one.finally(() => pending.delete(one))
    await sleep(1)
  }
  await Promise.all(pending)
  return { direct: quantiles(took.direct), gateway: quantiles(took.gateway) }
}

async function send(side: Side, topic: string, partition: number): Promise<number> {
  const { topicId } = side.cluster.metadata.topic(topic)!
  const records = [{ timestamp: Date.now(), key: null, value: VALUE }]
  const batch = buildBatch({ records })
  const startedAt = performance.now()
  const [answer] = await produceRaw(side.cluster, side.node, 'single', [{ topic, topicId, partition, batch }])
  if (answer!.errorCode !== 0) throw new Error(`${topic}: a record was refused with ${answer!.errorCode}`)
  return (performance.now() - startedAt) * 1_000
}

const VALUE = Buffer.alloc(VALUE_BYTES, 'x')

function quantiles(samples: number[]): Quantiles {
  samples.sort((a, b) => a - b)
  const at = (share: number) => Math.round(quantileOf(samples, share))
  return { p50Us: at(0.5), p99Us: at(0.99), samples: samples.length }
}
