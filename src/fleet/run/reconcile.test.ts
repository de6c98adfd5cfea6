import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AppliedFleet } from '../file/applied.ts'
import { linkStart, type Running, reconciliation } from './reconcile.ts'
import { appliedOf } from './testing/applied-of.ts'

const file = `
clusters:
  seoul: { region: kr }
  virginia: { region: us }
  tokyo: { bootstrap: ["127.0.0.1:9"] }
links:
  dr: { from: seoul, to: virginia }
  analytics: { from: seoul, to: tokyo, prefix: "seoul." }
`

/** Everything of an applied fleet, running. */
function running(fleet: AppliedFleet): Running {
  const managed = Object.values(fleet.clusters).flatMap(({ declaration }) =>
    declaration.kind === 'managed' ? [[declaration.name, declaration] as const] : [],
  )
  const links = Object.values(fleet.links).map((link) => [link.name, linkStart(link, fleet)] as const)
  return { clusters: new Map(managed), links: new Map(links), routes: new Map() }
}

function names(of: ReturnType<typeof reconciliation>) {
  return {
    stopLinks: of.stopLinks,
    stopClusters: of.stopClusters,
    restartClusters: of.restartClusters.map(({ name }) => name),
    startClusters: of.startClusters.map(({ name }) => name),
    startLinks: of.startLinks.map(({ name }) => name),
  }
}

const nothing = { stopLinks: [], stopClusters: [], restartClusters: [], startClusters: [], startLinks: [] }

test('from nothing, managed clusters and all links are started', () => {
  const found = names(
    reconciliation({ clusters: new Map(), links: new Map(), routes: new Map() }, appliedOf(file)),
  )
  assert.deepEqual(found, {
    ...nothing,
    startClusters: ['seoul', 'virginia'],
    startLinks: ['dr', 'analytics'],
  })
})

test('what runs as applied is left alone, also under a new region', () => {
  const before = appliedOf(file)
  assert.deepEqual(names(reconciliation(running(before), before)), nothing)
  const relabelled = appliedOf(file.replace('region: kr', 'region: korea'))
  assert.deepEqual(names(reconciliation(running(before), relabelled)), nothing)
})

test('a changed link is started anew, one that was taken out is stopped', () => {
  const changed = appliedOf(file.replace('to: virginia', 'to: virginia, topics: [orders]'))
  const found = names(reconciliation(running(appliedOf(file)), changed))
  assert.deepEqual(found, { ...nothing, stopLinks: ['dr'], startLinks: ['dr'] })
  const without = appliedOf(file.replace(/ {2}dr: .*\n/, ''))
  assert.deepEqual(names(reconciliation(running(appliedOf(file)), without)), {
    ...nothing,
    stopLinks: ['dr'],
  })
})

test('a changed cluster is restarted with the links that touch it, and no others', () => {
  const managed = appliedOf(file.replace('region: us', 'region: us, heap: 300'))
  assert.deepEqual(names(reconciliation(running(appliedOf(file)), managed)), {
    ...nothing,
    stopLinks: ['dr'],
    restartClusters: ['virginia'],
    startLinks: ['dr'],
  })
  const external = appliedOf(file.replace('127.0.0.1:9', '127.0.0.1:10'))
  assert.deepEqual(names(reconciliation(running(appliedOf(file)), external)), {
    ...nothing,
    stopLinks: ['analytics'],
    startLinks: ['analytics'],
  })
})

test('a cluster that was taken out is stopped with its links', () => {
  const without = appliedOf('clusters: { seoul: { region: kr }, tokyo: { bootstrap: ["127.0.0.1:9"] } }')
  const found = names(reconciliation(running(appliedOf(file)), without))
  assert.deepEqual(found, { ...nothing, stopLinks: ['dr', 'analytics'], stopClusters: ['virginia'] })
})
