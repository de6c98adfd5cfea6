import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { KmcError } from '../../base/error.ts'
import { parseFleet } from '../file/load.ts'
import { makePlan, planId } from './make-plan.ts'
import type { ObservedFleet } from './observed.ts'
import type { Plan } from './plan.ts'
import { readPlan, requireApplicable, savePlan } from './saved-plan.ts'

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kmc-plan-'))
})
after(() => rm(directory, { recursive: true, force: true }))

const { fleet } = parseFleet(`clusters:
  seoul:
  tokyo:
    bootstrap: ["t:1"]
    tls: {}
    sasl: { mechanism: PLAIN, username: u, password: env:TOKYO_PASSWORD }
links:
  dr: { from: seoul, to: tokyo }
`)
const tokyo = {
  name: 'tokyo',
  state: 'ready',
  trouble: null,
  clusterId: 'id-tokyo',
  brokers: 3,
  topics: {},
  links: {},
} as const
const observed: ObservedFleet = { at: 1, applied: null, workers: [], clusters: { tokyo } }
const plan = makePlan(fleet, observed)

const file = () => join(directory, 'plan.json')

async function codeOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof KmcError, String(error))
  return error.code
}

test('a saved plan is read as it was made', async () => {
  await savePlan(file(), plan)
  assert.deepEqual(await readPlan(file()), plan)
})

test('a plan that was changed by hand, is of another version or is no plan is refused', async () => {
  const forged: Plan = { ...plan, actions: [] }
  for (const text of ['', '[]', '{}', JSON.stringify(forged), JSON.stringify({ ...plan, format: 2 })]) {
    await writeFile(file(), text)
    assert.equal(await codeOf(readPlan(file())), 'PLAN_FILE_INVALID')
  }
  assert.equal(await codeOf(readPlan(join(directory, 'none.json'))), 'PLAN_FILE_MISSING')
})

test('even a plan with the right sum is not applied when it is not what would be planned', () => {
  const content = { ...plan, actions: plan.actions.slice(1) }
  const forged: Plan = { ...content, id: planId(content) }
  assert.throws(() => requireApplicable(forged, fleet, observed), /made by another version/)
  requireApplicable(plan, fleet, observed)
})

test('what changed since is named, and a refused plan is not applied', () => {
  const gone: ObservedFleet = {
    ...observed,
    clusters: { tokyo: { ...tokyo, state: 'unreachable', topics: null, links: null } },
  }
  assert.throws(
    () => requireApplicable(plan, fleet, gone),
    (error) => {
      assert.ok(error instanceof KmcError && error.code === 'PLAN_OUT_OF_DATE')
      assert.match(error.message, /cluster tokyo: was ready, id id-tokyo, is unreachable, id id-tokyo/)
      return true
    },
  )
  const refused = makePlan(fleet, gone)
  assert.throws(
    () => requireApplicable(refused, fleet, gone),
    (error) =>
      error instanceof KmcError &&
      error.code === 'PLAN_REFUSED' &&
      /tokyo, which does not answer/.test(error.message),
  )
})

test('a saved plan holds no secret', async () => {
  process.env.TOKYO_PASSWORD = 'Hunter2Canary'
  await savePlan(file(), plan)
  delete process.env.TOKYO_PASSWORD
  assert.doesNotMatch(await readFile(file(), 'utf8'), /Hunter2Canary/)
})
