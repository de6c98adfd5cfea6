import type { AckedRecord, GatewayRecord } from '../state/records.ts'
import type { CopyEnds } from './copy-ends.ts'
import { awaitGateways } from './gateways.ts'
import { routeOf, type Scene } from './scene.ts'

/** A batch of the state topic takes 512 KiB. */
const PARTITIONS_MAX = 25_000
const TOPICS_MAX = 400

/**
 * Asks every gateway what it has seen acknowledged at these ends and behind them, as much at a time as a record of the
 * route takes. One that does not answer has told nothing.
 */
export async function askGateways(scene: Scene, all: CopyEnds): Promise<GatewayRecord[]> {
  const { store } = scene
  let told: GatewayRecord[] | null = null
  for (const ends of portionsOf(all)) {
    const asked = await store.advance(routeOf(scene), { asks: { ends } })
    await awaitGateways(scene, asked)
    const answers = store.gateways().map((one) => (one.epoch < asked.epoch ? { ...one, acked: null } : one))
    told = told === null ? answers : told.map((one) => withMore(one, answers, all))
  }
  return told ?? []
}

/** Of no topic at all the gateways are asked too: they name those without a mirror. Pure. */
export function portionsOf(all: CopyEnds): Record<string, number[]>[] {
  const portions: Record<string, number[]>[] = [{}]
  let [partitions, topics] = [0, 0]
  for (const [topic, list] of Object.entries(all)) {
    if (topics > 0 && (partitions + list.length > PARTITIONS_MAX || topics === TOPICS_MAX)) {
      portions.push({})
      partitions = 0
      topics = 0
    }
    portions.at(-1)![topic] = [...list]
    partitions += list.length
    topics += 1
  }
  return portions
}

function withMore(one: GatewayRecord, answers: readonly GatewayRecord[], all: CopyEnds): GatewayRecord {
  const more = answers.find(({ id }) => id === one.id)?.acked ?? null
  // One that did not answer each time has not told all.
  return { ...one, acked: one.acked === null || more === null ? null : joinedAcked(one.acked, more, all) }
}

/** Two answers of one gateway: what was asked of in the other one is not elsewhere. Pure. */
export function joinedAcked(one: AckedRecord, more: AckedRecord, all: CopyEnds): AckedRecord {
  const elsewhere = Object.entries({ ...one.elsewhere, ...more.elsewhere })
  return {
    ...more,
    topics: { ...one.topics, ...more.topics },
    elsewhere: Object.fromEntries(elsewhere.filter(([topic]) => !Object.hasOwn(all, topic))),
    leftOut: one.leftOut + more.leftOut,
  }
}
