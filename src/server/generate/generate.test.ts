import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { metrics } from '../metrics/table.ts'
import { alertFile, alertRules } from './alerts.ts'
import { grafanaDashboard } from './grafana.ts'
import { sections } from './panels.ts'
import { prometheusFile } from './prometheus.ts'

const known = new Set(metrics.map(({ name }) => name))
const expressions = [
  ...sections.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries.map(({ expr }) => expr))),
  ...alertRules().map(({ expr }) => expr),
]

test('panels and alerts ask for metrics that there are', () => {
  const named = expressions.flatMap((expr) => [...expr.matchAll(/\bkmc_[a-z_]+/g)].map(([name]) => name))
  assert.ok(named.length > 20)
  assert.deepEqual(
    named.filter((name) => !known.has(name)),
    [],
  )
})

test('panels stand side by side and never on one another, in rows as wide as the page', () => {
  type Place = { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  const { panels } = grafanaDashboard() as { panels: { id: number; title: string; gridPos: Place }[] }
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  const taken = new Set<string>()
  for (const { title, gridPos } of panels) {
    assert.ok(gridPos.x + gridPos.w <= 24, title)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.ok(!taken.has(`${x},${y}`), `${title} stands on another panel`)
        taken.add(`${x},${y}`)
      }
    }
  }
})

test('the recovery point that was promised is the one that is watched', () => {
  const file = parse(alertFile(alertRules(7))) as { groups: [{ rules: { alert: string; expr: string }[] }] }
  const [first] = file.groups[0].rules
  assert.deepEqual([first!.alert, first!.expr], ['KmcRecoveryPointMissed', 'kmc_link_lag_seconds > 7'])
})

test('a token is named by its file, never by itself, and only where the port asks for one', () => {
  const open = parse(prometheusFile({ targets: ['a:9400'], tokenFile: null })) as object
  assert.doesNotMatch(JSON.stringify(open), /authorization/)
  const closed = parse(
    prometheusFile({ targets: ['a:8686', 'b:8686'], tokenFile: '/etc/kmc-token' }),
  ) as object
  assert.match(
    JSON.stringify(closed),
    /"credentials_file":"\/etc\/kmc-token".*"targets":\["a:8686","b:8686"\]/,
  )
})
