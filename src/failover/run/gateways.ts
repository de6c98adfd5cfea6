import { nowMs } from '../../client/clock.ts'
import type { GatewayRecord, RouteRecord } from '../state/records.ts'
import { pacedBeat } from './paced-beat.ts'
import type { Scene } from './scene.ts'

const LOOK_EVERY_MS = 20
const BEAT_EVERY_MS = 2_000
/** Beyond its lease a gateway is given this long for a record of its own to arrive. */
const GRACE_MS = 2_000

/** Of each gateway the last record that this process has read, and when it read it first: over all steps of a run. */
export type Heard = Map<string, { readonly beat: number; readonly at: number }>

/** How the gateways of a route stand to a record of it. */
export type Answers = {
  /** What those that have answered still miss, by gateway. */
  readonly missing: ReadonlyMap<string, readonly string[]>
  /** Those that said nothing for longer than their lease lasts: they take no writes. */
  readonly gone: readonly string[]
}

/**
 * Waits until every gateway of the route holds what its record says, or takes no writes any more for lack of a lease:
 * a gateway is gone when its lease and some grace have passed since its last record was read, by the clock of whoever
 * waited for it: another gateway that says so, or this process.
 */
export async function awaitGateways(scene: Scene, record: RouteRecord): Promise<Answers> {
  const { store, clock, signal, heard } = scene
  const tell = pacedBeat(scene, BEAT_EVERY_MS)
  for (;;) {
    await store.refresh()
    const now = nowMs()
    const gateways = store.gateways()
    for (const { id, beat } of gateways) if (heard.get(id)?.beat !== beat) heard.set(id, { beat, at: now })
    const isGone = ({ id, gone, leaseMs }: GatewayRecord) =>
      gone || now - heard.get(id)!.at > leaseMs + GRACE_MS
    const open = gateways.filter((gateway) => !holds(gateway, record) && !isGone(gateway))
    if (open.length === 0) return answersOf(gateways, record)
    await tell(() => `waits for ${open.map(({ id, host }) => `gateway ${id} on ${host}`).join(', ')}`)
    signal.throwIfAborted()
    await clock.sleep(LOOK_EVERY_MS, signal)
  }
}

function holds({ epoch, phase, active }: GatewayRecord, record: RouteRecord): boolean {
  return epoch >= record.epoch && phase === record.phase && active === record.active
}

function answersOf(gateways: readonly GatewayRecord[], record: RouteRecord): Answers {
  const answered = gateways.filter((gateway) => holds(gateway, record))
  const missing = answered.filter((gateway) => gateway.missing.length > 0)
  return {
    missing: new Map(missing.map(({ id, missing: what }) => [id, what])),
    gone: gateways.filter((gateway) => !holds(gateway, record)).map(({ id }) => id),
  }
}
