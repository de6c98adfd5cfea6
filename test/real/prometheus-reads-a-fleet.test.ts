import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { commitOffsets } from '../../src/client/admin/commit-offsets.ts'
import { createTopics } from '../../src/client/admin/create-topics.ts'
import { Cluster } from '../../src/client/cluster.ts'
import { unwrap } from '../../src/client/outcome.ts'
import { runCommand } from '../../src/engine/processes/run-command.ts'
import type { LinkDriftAnswer } from '../../src/server/api/drift.ts'
import { findRunners } from '../../src/server/find-supervisor.ts'
import { askFront } from '../../src/server/front-client.ts'
import { alertRules } from '../../src/server/generate/alerts.ts'
import { sections } from '../../src/server/generate/panels.ts'
import { BASE_PORT } from '../harness/clusters.ts'
import { kmc, kmcOk, nothingRuns } from '../harness/kmc.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { need } from '../kit/need.ts'

/** What `kmc generate` prints is taken by Prometheus, and every question of it has an answer. */

const skip = await need('prometheus')
const PORTS = {
  seoul: BASE_PORT,
  tokyo: BASE_PORT + 20,
  route: BASE_PORT + 40,
  metrics: BASE_PORT + 60,
  prometheus: BASE_PORT + 61,
  server: BASE_PORT + 62,
}
const directory = temporaryDirectory('prometheus')
const fleet = `fleet: shop
clusters:
  seoul: { port: ${PORTS.seoul} }
  tokyo: { port: ${PORTS.tokyo} }
links:
  dr: { from: seoul, to: tokyo, groups: ['*'], limit: 50MB/s }
routes:
  shop: { port: ${PORTS.route}, primary: seoul, standby: tokyo }
metrics: { port: ${PORTS.metrics} }
server: { port: ${PORTS.server} }
`

describe('a real Prometheus reads a running fleet', { skip }, async () => {
  const ends: (() => Promise<unknown>)[] = []
  after(async () => {
    for (const end of ends.toReversed()) await end()
  })
  if (skip === false) {
    writeFileSync(join(directory, 'fleet.yaml'), fleet)
    ends.push(async () => {
      await kmc(directory, 'down')
      await nothingRuns(directory)
    })
    await kmcOk(directory, 'up', '--detach')
    await makeTraffic()
    ends.push(await startPrometheus())
  }

  test('every panel of the dashboard has data', async () => {
    for (const { title, queries } of sections.flatMap(({ panels }) => panels)) {
      for (const { expr } of queries) {
        const query = expr
          .replaceAll('$link', '.*')
          .replaceAll('$route', '.*')
          .replaceAll(/\[\d+[md]\]/g, '[10s]')
        // No fault has come up: the question must be understood, and there is nothing to tell.
        if (query.includes('kmc_link_faults_total')) assert.deepEqual(await ask(query), [])
        else
          await waitUntil(`data for "${title}": ${query}`, async () => (await ask(query)).length > 0, {
            withinMs: PATIENCE_MS,
          })
      }
    }
  })

  test('meanwhile the two sides of the link were compared', async () => {
    const ask = () => askFront<LinkDriftAnswer>(findRunners(directory), { path: '/api/links/dr/drift' }, '')
    const compared = async () => (await ask()).differences
    const differences = await waitUntil('a comparison', compared, { withinMs: PATIENCE_MS, lastSeen: ask })
    assert.deepEqual(
      differences.filter(({ severity }) => severity !== 'note'),
      [],
    )
  })

  test('every alert rule is understood, and evaluates without an error', async () => {
    type Rules = {
      readonly groups: readonly {
        readonly rules: readonly { readonly name: string; readonly health: string }[]
      }[]
    }
    const names = alertRules().map(({ name }) => name)
    await waitUntil(
      'all rules evaluated',
      async () => {
        const { groups } = await prometheus<Rules>('/api/v1/rules')
        const rules = groups.flatMap((group) => group.rules)
        assert.deepEqual(
          rules.map(({ name }) => name),
          names,
        )
        return rules.every(({ health }) => health === 'ok')
      },
      { withinMs: PATIENCE_MS },
    )
  })
})

/** Records on both sides of the link, and a group. */
async function makeTraffic(): Promise<void> {
  const connect = (port: number) => Cluster.connect({ name: 'test', bootstrap: [`127.0.0.1:${port}`] })
  const where = { directory, input: 'one\ntwo\nthree\n' }
  await using seoul = await connect(PORTS.seoul)
  unwrap((await createTopics(seoul, [{ name: 'orders', partitions: 1 }]))[0]!)
  await kmcOk(where, 'produce', 'orders', '--cluster', 'seoul')
  const offsets = [{ topic: 'orders', partition: 0, offset: 2, metadata: '' }]
  const [outcomes] = await commitOffsets(seoul, [{ groupId: 'billing', offsets }])
  for (const outcome of outcomes!) unwrap(outcome)
}

async function startPrometheus(): Promise<() => Promise<void>> {
  const rules = join(directory, 'kmc-alerts.yml')
  const config = join(directory, 'prometheus.yml')
  writeFileSync(rules, await kmcOk(directory, 'generate', 'alerts'))
  const generated = await kmcOk(directory, 'generate', 'prometheus', '--rules', rules)
  writeFileSync(
    config,
    `global: { evaluation_interval: 1s }\n${generated.replace('scrape_interval: 10s', 'scrape_interval: 1s')}`,
  )
  await runCommand({ file: 'promtool', args: ['check', 'config', config], env: { PATH: process.env.PATH! } })
  const listen = `--web.listen-address=127.0.0.1:${PORTS.prometheus}`
  const data = `--storage.tsdb.path=${join(directory, 'tsdb')}`
  const child = spawn('prometheus', [`--config.file=${config}`, data, listen], { stdio: 'ignore' })
  await waitUntil('Prometheus ready', async () => (await fetch(`${url}/-/ready`)).ok, {
    withinMs: PATIENCE_MS,
  })
  return async () => {
    child.kill('SIGTERM')
    if (child.exitCode === null) await once(child, 'exit')
  }
}

const url = `http://127.0.0.1:${PORTS.prometheus}`

async function prometheus<Data>(path: string): Promise<Data> {
  const response = await fetch(url + path)
  const body = (await response.json()) as { status: string; data: Data; error?: string }
  assert.equal(body.status, 'success', body.error)
  return body.data
}

async function ask(query: string): Promise<readonly unknown[]> {
  const { result } = await prometheus<{ result: unknown[] }>(
    `/api/v1/query?query=${encodeURIComponent(query)}`,
  )
  return result
}
