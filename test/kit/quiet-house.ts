import assert from 'node:assert/strict'
import { silentLog } from '../../src/base/log.ts'
import type { ClusterDoors } from '../../src/server/cluster-doors.ts'
import type { House } from '../../src/server/house.ts'

/** A house in which nothing is watched or kept, for tests of what stands before it. */
export function quietHouse(doors: ClusterDoors, more: Partial<House> = {}): House {
  const watches = { view: () => null, all: () => [] }
  const kept = { history: null, alerts: null, drift: { view: () => null }, restCluster: () => null }
  const nothing = { version: '0.0.0', log: silentLog, watches, ...kept }
  return { ...nothing, doors, status: () => assert.fail('nobody asks for the fleet'), ...more }
}
