import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KmcError } from '../../base/error.ts'
import { silentLog } from '../../base/log.ts'
import type { LinkSpec } from '../../link/spec.ts'
import type { LinkStatus } from '../../link/status.ts'
import type { WorkerExit } from '../../link/worker/spawn.ts'
import type { EngineCluster } from './cluster-runner.ts'
import { ExternalClusters } from './external-clusters.ts'
import { Supervisor } from './supervisor.ts'
import { appliedOf } from './testing/applied-of.ts'
import type { WorkerProcess } from './worker-runner.ts'

const file = `
clusters: { seoul: {}, virginia: {}, tokyo: { bootstrap: ["127.0.0.1:9"] } }
links: { dr: { from: seoul, to: virginia }, far: { from: seoul, to: tokyo, prefix: "s." } }
`

type State = EngineCluster['state']['name']

/** A cluster of the engine that does what the test says. */
class PretendCluster {
  state: { name: State; reason: string | null } = { name: 'stopped', reason: null }
  readonly nodes = []
  readonly clusterId: string
  readonly clientAccess = { bootstrap: ['127.0.0.1:1'] }
  #gate: Promise<void>

  constructor(name: string, gate: Promise<void>) {
    this.clusterId = `id-of-${name}`
    this.#gate = gate
  }
  async start(): Promise<void> {
    this.state = { name: 'starting', reason: null }
    try {
      await this.#gate
    } catch (error) {
      this.state = { name: 'failed', reason: String(error) }
      throw error
    }
    if (this.state.name !== 'starting') throw new KmcError('CLUSTER_STOPPED', 'stopped while starting')
    this.state = { name: 'running', reason: null }
  }
  async stop(): Promise<void> {
    this.state = { name: 'stopped', reason: null }
  }
  async load(): Promise<boolean> {
    return true
  }
}

class PretendWorker implements WorkerProcess<LinkStatus> {
  readonly pid = 42
  readonly spec: LinkSpec
  #exit: (exit: WorkerExit) => void = () => undefined

  constructor(spec: LinkSpec) {
    this.spec = spec
  }
  onStatus(): void {}
  onExit(listener: (exit: WorkerExit) => void): void {
    this.#exit = listener
  }
  async stop(): Promise<void> {
    this.#exit({ code: 0, signal: null, reason: null })
  }
  kill(): void {}
}

function setUp(gates: Readonly<Record<string, Promise<void>>> = {}) {
  const clusters = new Map<string, PretendCluster>()
  const workers: PretendWorker[] = []
  const externals = new ExternalClusters('/nowhere', async () => 'id-of-tokyo')
  const supervisor = new Supervisor({
    fleet: 'shop',
    file: '/fleet.yaml',
    log: silentLog,
    makeCluster: ({ name }) => {
      const cluster = new PretendCluster(name, gates[name] ?? Promise.resolve())
      clusters.set(name, cluster)
      return cluster as unknown as EngineCluster
    },
    spawnGateway: () => assert.fail('there are no routes'),
    gatewayId: 'test',
    spawnLink: (spec) => {
      workers.push(new PretendWorker(spec))
      return workers.at(-1)!
    },
    externals,
  })
  return { supervisor, clusters, workers }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

test('clusters are started side by side, then links with the access of both ends', async () => {
  const gate = Promise.withResolvers<void>()
  const { supervisor, clusters, workers } = setUp({ seoul: gate.promise })
  const done = supervisor.reconcile(appliedOf(file))
  await settle()
  assert.equal(clusters.get('virginia')!.state.name, 'running')
  assert.equal(workers.length, 0)
  gate.resolve()
  assert.deepEqual(await done, { failed: [] })
  await settle()
  assert.deepEqual(
    workers.map(({ spec }) => [spec.name, spec.source.expectedClusterId]),
    [
      ['dr', 'id-of-seoul'],
      ['far', 'id-of-seoul'],
    ],
  )
  assert.equal(supervisor.status().supervisor?.phase, 'starting')
  supervisor.started()
  assert.equal(supervisor.status().supervisor?.phase, 'running')
  await supervisor.stop()
})

test('a cluster that cannot start is told of with its cause, and everything else runs', async () => {
  const error = new KmcError('PORT_TAKEN', 'port 1 is taken', { remedy: 'free it' })
  const { supervisor, clusters, workers } = setUp({ seoul: Promise.reject(error) })
  const { failed } = await supervisor.reconcile(appliedOf(file))
  assert.deepEqual(failed, [{ cluster: 'seoul', error }])
  await settle()
  assert.equal(clusters.get('virginia')!.state.name, 'running')
  assert.equal(workers.length, 2)
  const seoul = supervisor.status().clusters.find(({ name }) => name === 'seoul')!
  assert.deepEqual([seoul.state, seoul.fault?.code], ['failed', 'PORT_TAKEN'])
  await supervisor.stop()
})

test('a failed cluster is tried again by the next reconcile, one that an operator stopped is not', async () => {
  const gates: Record<string, Promise<void>> = { seoul: Promise.reject(new Error('no disk')) }
  const { supervisor, clusters } = setUp(gates)
  await supervisor.reconcile(appliedOf(file))
  await supervisor.cluster('virginia', 'stop')
  const stopped = clusters.get('virginia')
  gates.seoul = Promise.resolve()
  assert.deepEqual(await supervisor.reconcile(appliedOf(file)), { failed: [] })
  assert.equal(clusters.get('seoul')!.state.name, 'running')
  assert.equal(clusters.get('virginia'), stopped)
  assert.equal(stopped!.state.name, 'stopped')
  await supervisor.cluster('virginia', 'start')
  assert.equal(stopped!.state.name, 'running')
  await assert.rejects(supervisor.cluster('tokyo', 'stop'), { code: 'CLUSTER_NOT_MANAGED' })
  await supervisor.stop()
})

test('the end interrupts what is being started, and nothing is started after it', async () => {
  const gate = Promise.withResolvers<void>()
  const { supervisor, clusters, workers } = setUp({ seoul: gate.promise })
  const starting = supervisor.reconcile(appliedOf(file))
  const waiting = assert.rejects(supervisor.reconcile(appliedOf(file)), { code: 'FLEET_STOPPING' })
  await settle()
  const stopping = supervisor.stop()
  gate.resolve()
  await Promise.all([starting, waiting, stopping])
  assert.ok([...clusters.values()].every(({ state }) => state.name === 'stopped'))
  assert.equal(workers.length, 0)
  await assert.rejects(supervisor.cluster('seoul', 'start'), { code: 'FLEET_STOPPING' })
})

test('external clusters are shown as they answer', async () => {
  const { supervisor } = setUp()
  await supervisor.reconcile(appliedOf(file))
  await settle()
  await settle()
  const tokyo = supervisor.status().clusters.find(({ name }) => name === 'tokyo')!
  assert.deepEqual([tokyo.kind, tokyo.state, tokyo.clusterId], ['external', 'ready', 'id-of-tokyo'])
  assert.deepEqual(
    supervisor.status().clusters.map(({ name }) => name),
    ['seoul', 'virginia', 'tokyo'],
  )
  await supervisor.stop()
})
