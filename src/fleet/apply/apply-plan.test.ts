import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KmcError } from '../../base/error.ts'
import type { AppliedFleet } from '../file/applied.ts'
import { parseFleet } from '../file/load.ts'
import { makePlan } from '../plan/make-plan.ts'
import type { ObservedCluster, ObservedFleet, ObservedLink } from '../plan/observed.ts'
import type { Plan } from '../plan/plan.ts'
import { applyPlan, needsSupervisor } from './apply-plan.ts'
import { admitStart } from './bring-up.ts'

const file = `
clusters: { seoul: {}, virginia: {} }
links: { dr: { from: seoul, to: virginia } }
`
const { fleet } = parseFleet(file)
const loaded = { fleet, file: '/f/fleet.yaml', directory: '/f', remarks: [] }

function cluster(name: string, state: ObservedCluster['state']): ObservedCluster {
  const seen = state === 'ready'
  return {
    name,
    state,
    trouble: null,
    clusterId: seen ? `id-${name}` : null,
    brokers: seen ? 1 : null,
    topics: seen ? {} : null,
    links: seen ? {} : null,
  }
}

function observed(state: ObservedCluster['state'], more: Partial<ObservedFleet> = {}): ObservedFleet {
  const clusters = { seoul: cluster('seoul', state), virginia: cluster('virginia', state) }
  return { at: 1, applied: null, clusters, workers: [], ...more }
}

/** Applies a plan and keeps what was asked of the world. */
async function run(
  plan: Plan,
  before: ObservedFleet,
  later: ObservedFleet,
  admit: (plan: Plan) => void = () => {},
) {
  const runs: AppliedFleet[] = []
  const steps: string[] = []
  const last = await applyPlan(plan, before, {
    loaded,
    observe: async () => later,
    access: async (name) => {
      throw new KmcError('CLUSTER_NOT_RUNNING', `${name} does not run`)
    },
    run: async (applied) => void runs.push(applied),
    admit,
    report: ({ action, state }) => void steps.push(`${action.action} ${state}`),
  })
  return { runs, steps, last }
}

test('clusters are started before any link, and what stands on them is looked at in between', async () => {
  const before = observed('absent')
  const plan = makePlan(fleet, before)
  const admitted: string[][] = []
  const { runs, steps, last } = await run(plan, before, observed('ready'), (one) => {
    admitted.push(one.actions.map(({ action }) => action))
  })
  assert.deepEqual(
    runs.map(({ clusters, links }) => [Object.keys(clusters).length, Object.keys(links)]),
    [
      [2, []],
      [2, ['dr']],
    ],
  )
  assert.equal(runs[1]!.clusters.seoul!.clusterId, 'id-seoul')
  assert.deepEqual(admitted, [['create-cluster', 'create-cluster', 'create-link'], ['create-link']])
  assert.deepEqual(steps.slice(-2), ['create-link begun', 'create-link done'])
  assert.deepEqual(
    last.actions.map(({ action }) => action),
    ['create-link'],
  )
})

test('a refusal that shows only when clusters are up keeps every link from beginning', async () => {
  const before = observed('absent')
  const topic = (id: string, end: number) => ({
    id,
    replicationFactor: 1,
    partitions: [{ start: 0, end }],
  })
  const later = observed('ready', {
    clusters: {
      seoul: { ...cluster('seoul', 'ready'), topics: { orders: topic('a', 5) } },
      virginia: { ...cluster('virginia', 'ready'), topics: { orders: topic('b', 7) } },
    },
  })
  const runs: AppliedFleet[] = []
  const applying = applyPlan(makePlan(fleet, before), before, {
    loaded,
    observe: async () => later,
    access: async () => Promise.reject(new Error('not asked for')),
    run: async (applied) => void runs.push(applied),
    admit: admitStart,
    report: () => undefined,
  })
  await assert.rejects(applying, { code: 'PLAN_REFUSED' })
  assert.deepEqual(
    runs.map(({ links }) => Object.keys(links)),
    [[]],
  )
})

test('links that work go on while clusters change; others wait until they were looked at', async () => {
  const applied: AppliedFleet = {
    format: 1,
    fleet: fleet.name,
    appliedAt: 0,
    clusters: { seoul: { declaration: fleet.clusters.seoul!, clusterId: 'id-seoul' } },
    links: fleet.links,
  }
  const before = observed('absent', { applied, workers: ['dr'] })
  const { runs } = await run(makePlan(fleet, before), before, observed('ready', { applied }))
  assert.deepEqual(Object.keys(runs[0]!.links), ['dr'])
})

test('a link that leaves while its destination is down is forgotten as soon as that is up', async () => {
  const old = { ...fleet.links.dr!, name: 'old' }
  const applied: AppliedFleet = { format: 1, fleet: fleet.name, appliedAt: 0, clusters: {}, links: { old } }
  const before = observed('stopped', { applied })
  const record: NonNullable<ObservedLink['record']> = {
    name: 'old',
    source: { name: 'seoul', clusterId: 'id-seoul' },
    topics: ['*'],
    groups: [],
    prefix: '',
    start: { at: 'earliest' },
    desired: 'active',
    producerId: null,
    producerEpoch: null,
    updatedAt: 0,
  }
  const later = observed('ready', {
    applied: { ...applied, links: {}, leaving: { old } },
    clusters: {
      seoul: cluster('seoul', 'ready'),
      virginia: { ...cluster('virginia', 'ready'), links: { old: { record, mirrors: [] } } },
    },
  })
  const { steps, runs } = await run(makePlan(fleet, before), before, later)
  assert.deepEqual(
    runs.map(({ links, leaving }) => [Object.keys(links), Object.keys(leaving ?? {})]),
    [
      [[], ['old']],
      [['dr'], ['old']],
    ],
  )
  assert.deepEqual(
    steps.filter((step) => step.startsWith('delete-link')),
    ['delete-link begun', 'delete-link left', 'delete-link begun', 'delete-link left'],
  )
})

test('only what runs processes needs a supervisor', () => {
  const base = { subject: 's', reason: 'r' }
  const plan = (action: object) => ({ actions: [{ ...base, ...action }] }) as unknown as Plan
  assert.equal(needsSupervisor(plan({ action: 'delete-link' })), false)
  assert.equal(needsSupervisor(plan({ action: 'release-mirror' })), false)
  assert.equal(needsSupervisor(plan({ action: 'change-cluster', restart: false })), false)
  assert.equal(needsSupervisor(plan({ action: 'change-cluster', restart: true })), true)
  assert.equal(needsSupervisor(plan({ action: 'create-link' })), true)
})

test('what was applied before starts again in spite of a refusal; changes do not', () => {
  const refusal = {
    subject: 'link dr',
    code: 'CLUSTER_ID_CHANGED',
    message: 'm',
    remedy: 'r',
    choices: [],
  } as const
  const plan = (action: string) =>
    ({ actions: [{ action, subject: 's', reason: 'r' }], refusals: [refusal] }) as unknown as Plan
  admitStart(plan('start-link'))
  assert.throws(() => admitStart(plan('create-link')), { code: 'PLAN_REFUSED' })
})
