import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KmcError } from '../../base/error.ts'
import { shippedRules } from '../../observe/alerts/rules.ts'
import { rulesOf } from './alert-rules.ts'
import { parseFleet } from './load.ts'
import type { Problem } from './problem.ts'

const fleetWith = (alerts: string): string => `clusters:
  seoul:
  virginia:
links:
  dr: { from: seoul, to: virginia, rpo: 30s }
alerts:
${alerts}
`

/** Everything that is wrong with the section, a line each. */
function problemsOf(alerts: string): string[] {
  const found: string[] = []
  assert.throws(
    () => parseFleet(fleetWith(alerts)),
    (error: KmcError) => {
      for (const { path, message } of error.context.problems as Problem[]) found.push(`${path}: ${message}`)
      return true
    },
  )
  return found
}

const ruleOf = (alerts: string, name: string) =>
  rulesOf(parseFleet(fleetWith(alerts)).fleet.alerts).find((rule) => rule.name === name)

test('without a word of them the rules that come with kmc count', () => {
  assert.deepEqual(rulesOf(undefined), shippedRules)
  const { fleet } = parseFleet(fleetWith(''))
  assert.equal(fleet.alerts, undefined, 'nothing after the key is as no key')
  assert.equal(fleet.links.dr?.rpoMs, 30_000)
})

test('a rule that comes with kmc is changed where the file says something, or left out', () => {
  const alerts = '  rules: { lag-growing: { for: 10m, labels: { team: shop } }, drift: { enabled: false } }'
  const shipped = shippedRules.find(({ name }) => name === 'lag-growing')
  assert.deepEqual(ruleOf(alerts, 'lag-growing'), { ...shipped, holdMs: 600_000, labels: { team: 'shop' } })
  assert.equal(ruleOf(alerts, 'drift'), undefined)
})

test('a rule of one’s own says what it looks at and from where on', () => {
  const match = 'match: { cluster: seoul, group: "pay.*" }'
  const late = ruleOf(`  rules: { late: { on: group-lag-seconds, above: 300, for: 5m, ${match} } }`, 'late')
  assert.deepEqual(late, {
    ...{
      name: 'late',
      title: 'late',
      remedy: '',
      severity: 'warning',
      kind: 'group-lag-seconds',
      above: 300,
    },
    ...{ holdMs: 300_000, clearMs: 30_000, repeatMs: 14_400_000 },
    match: { cluster: 'seoul', group: 'pay.*' },
  })
  assert.match(problemsOf('  rules: { late: { above: 300 } }')[0]!, /needs `on` and `above`/)
  assert.match(problemsOf('  rules: { drift: { on: group-verdict } }')[0]!, /comes with kmc/)
})

test('what is meant for nobody, or can be read on the way, is refused', () => {
  assert.match(problemsOf('  tell: [{ to: [ops] }]')[0]!, /alerts\.tell\[?\.?0.*there is no such receiver/)
  const mail = 'kind: mail, host: mx, from: a@b, to: [c@d], user: kmc'
  assert.match(problemsOf(`  receivers: { ops: { ${mail} } }`)[0]!, /go together/)
  const clear = `${mail}, password: env:P, security: none`
  assert.match(problemsOf(`  receivers: { ops: { ${clear} } }`)[0]!, /never sent in clear/)
  assert.match(problemsOf('  tell: [{ to: [], match: { cluster: soul } }]').join(), /at least one receiver/)
  assert.match(problemsOf('  rules: { drift: { match: { cluster: soul } } }')[0]!, /did you mean seoul/)
  assert.match(problemsOf('  rules: { drift: { match: { link: do } } }')[0]!, /did you mean dr/)
  assert.match(problemsOf('  receiver: {}')[0]!, /did you mean receivers/)
})

test('an address that stands in the file is refused, and not shown', () => {
  try {
    parseFleet(fleetWith('  receivers: { ops: { kind: slack, hook: "https://hooks.example/T0/s3cr3t" } }'))
    assert.fail('the file was taken')
  } catch (error) {
    assert.ok(error instanceof KmcError)
    assert.doesNotMatch(JSON.stringify([error.message, error.context]), /s3cr3t/)
    assert.match(JSON.stringify(error.context), /a secret never stands in the file/)
  }
})
