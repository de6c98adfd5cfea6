import type { GatewayRecord } from '../../state/records.ts'
import { awaitGateways } from '../gateways.ts'
import type { LostPartition } from '../memo.ts'
import { routeOf, type Scene, type Step } from '../scene.ts'
import { endWriter, releasedBy } from './mirrors.ts'

/** Asks every gateway what it has seen acknowledged beyond the end of the target: that is what was lost, by record. */
export const loss: Step = async (scene) => {
  const { store, course } = scene
  await store.refresh()
  const current = routeOf(scene)
  const asked = current.asks === 'acked' ? current : await store.advance(current, { asks: 'acked' })
  await awaitGateways(scene, asked)
  const told = store.gateways().filter(({ epoch }) => epoch >= asked.epoch)
  const untold = store.gateways().filter(({ epoch, acked }) => epoch < asked.epoch || acked === null)
  const lost = lostOf(scene, told)
  scene.memo = { ...scene.memo, lost, untold: untold.map(({ id }) => id) }
  await endWriter(scene)
  const records = lost.reduce((sum, one) => sum + one.records, 0)
  const unsure = untold.length === 0 ? '' : `; ${untold.length} gateways could not be asked`
  return records === 0
    ? `nothing acknowledged is missing on ${course.to}${unsure}`
    : `${records} records are lost${unsure}`
}

function lostOf(scene: Scene, gateways: readonly GatewayRecord[]): LostPartition[] {
  const ends = new Map(releasedBy(scene).map(({ mirror, partitions }) => [mirror, partitions]))
  const found = new Map<string, LostPartition>()
  for (const { acked } of gateways) {
    for (const [topic, partitions] of Object.entries(acked ?? {})) {
      for (const { partition, end, records, bytes, lastAt } of partitions) {
        const from = ends.get(topic)?.find((one) => one.partition === partition)?.to ?? 0
        if (records === 0 || end <= from) continue
        const before = found.get(`${topic}-${partition}`)
        found.set(`${topic}-${partition}`, {
          ...{ topic, partition, from, to: Math.max(end, before?.to ?? 0) },
          records: records + (before?.records ?? 0),
          bytes: bytes + (before?.bytes ?? 0),
          lastAt: Math.max(lastAt, before?.lastAt ?? 0),
        })
      }
    }
  }
  return [...found.values()]
}
