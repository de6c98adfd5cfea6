import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AppliedFleet } from '../file/applied.ts'
import { parseFleet } from '../file/load.ts'
import { linkStart, type Running, reconciliation } from './reconcile.ts'

const file = `
clusters:
  seoul: { region: kr }
  virginia: { region: us }
  tokyo: { bootstrap: ["127.0.0.1:9"] }
links:
  dr: { from: seoul, to: virginia }
  analytics: { from: seoul, to: tokyo, prefix: "seoul." }
`

function applied(text: string): AppliedFleet {
  const { fleet } = parseFleet(text)
  const clusters = Object.entries(fleet.clusters).map(([name, declaration]) => [
    name,
    { declaration, clusterId: null },
  ])
  return {
    format: 1,
    fleet: fleet.name,
    appliedAt: 0,
    clusters: Object.fromEntries(clusters),
    links: fleet.links,
  }
}

/** Everything of an applied fleet, running. */
function running(fleet: AppliedFleet): Running {
  const managed = Object.values(fleet.clusters).flatMap(({ declaration }) =>
    declaration.kind === 'managed' ? [[declaration.name, declaration] as const] : [],
  )
  const links = Object.values(fleet.links).map((link) => [link.name, linkStart(link, fleet)] as const)
  return { clusters: new Map(managed), links: new Map(links) }
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
  const found = names(reconciliation({ clusters: new Map(), links: new Map() }, applied(file)))
  assert.deepEqual(found, {
    ...nothing,
    startClusters: ['seoul', 'virginia'],
    startLinks: ['dr', 'analytics'],
  })
})

test('what runs as applied is left alone, also under a new region', () => {
  const before = applied(file)
  assert.deepEqual(names(reconciliation(running(before), before)), nothing)
  const relabelled = applied(file.replace('region: kr', 'region: korea'))
  assert.deepEqual(names(reconciliation(running(before), relabelled)), nothing)
})

test('a changed link is started anew, one that was taken out is stopped', () => {
  const changed = applied(file.replace('to: virginia', 'to: virginia, topics: [orders]'))
  const found = names(reconciliation(running(applied(file)), changed))
  assert.deepEqual(found, { ...nothing, stopLinks: ['dr'], startLinks: ['dr'] })
  const without = applied(file.replace(/ {2}dr: .*\n/, ''))
  assert.deepEqual(names(reconciliation(running(applied(file)), without)), { ...nothing, stopLinks: ['dr'] })
})

test('a changed cluster is restarted with the links that touch it, and no others', () => {
  const managed = applied(file.replace('region: us', 'region: us, heap: 300'))
  assert.deepEqual(names(reconciliation(running(applied(file)), managed)), {
    ...nothing,
    stopLinks: ['dr'],
    restartClusters: ['virginia'],
    startLinks: ['dr'],
  })
  const external = applied(file.replace('127.0.0.1:9', '127.0.0.1:10'))
  assert.deepEqual(names(reconciliation(running(applied(file)), external)), {
    ...nothing,
    stopLinks: ['analytics'],
    startLinks: ['analytics'],
  })
})

test('a cluster that was taken out is stopped with its links', () => {
  const without = applied('clusters: { seoul: { region: kr }, tokyo: { bootstrap: ["127.0.0.1:9"] } }')
  const found = names(reconciliation(running(applied(file)), without))
  assert.deepEqual(found, { ...nothing, stopLinks: ['dr', 'analytics'], stopClusters: ['virginia'] })
})
