import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KmcError } from '../../base/error.ts'
import { parseFleet } from './load.ts'
import type { Problem } from './problem.ts'

const fleetWith = (route: string, more = ''): string => `clusters:
  seoul: { brokers: 3, port: 19092 }
  virginia: { port: 19192 }
  tokyo: { bootstrap: [t.example:9092] }
links:
  dr: { from: seoul, to: virginia }
${more}routes:
  shop: ${route}
`

function problemsOf(text: string): string[] {
  try {
    parseFleet(text)
  } catch (error) {
    assert.ok(error instanceof KmcError, String(error))
    return (error.context.problems as readonly Problem[]).map(
      ({ line, column, path, message }) => `${line}:${column}: ${path}: ${message}`,
    )
  }
  assert.fail('the file was taken')
}

test('three keys make a route, and every default is filled in', () => {
  const { fleet, remarks } = parseFleet(fleetWith('{ port: 9192, primary: seoul, standby: virginia }'))
  assert.deepEqual(
    remarks.filter(({ path }) => path.startsWith('routes')),
    [],
  )
  assert.deepEqual(fleet.routes.shop, {
    name: 'shop',
    port: 9_192,
    slots: 3,
    primary: 'seoul',
    standby: 'virginia',
    listen: '127.0.0.1',
    advertised: '127.0.0.1',
    tls: null,
    sasl: null,
    limits: {},
    standbyLost: 'serve',
  })
  assert.equal(fleet.links.dr?.producerIdsFrom, 200_000, 'ids of the two clusters are kept apart')
})

test('what the file says of producer ids holds, and other links are left as they are', () => {
  const route = '{ port: 9192, primary: seoul, standby: virginia }'
  const other = '  far: { from: seoul, to: tokyo }\n'
  assert.equal(parseFleet(fleetWith(route, other)).fleet.links.far?.producerIdsFrom, 0)
  const text = fleetWith(route).replace(
    'to: virginia }\nroutes',
    'to: virginia, producerIdsFrom: 0 }\nroutes',
  )
  assert.equal(parseFleet(text).fleet.links.dr?.producerIdsFrom, 0)
})

const wrong: readonly (readonly [name: string, route: string, expected: string])[] = [
  [
    'a cluster that is not there',
    '{ port: 9192, primary: seoul, standby: virgina }',
    '8:48: routes.shop.standby: unknown cluster virgina, did you mean virginia?',
  ],
  [
    'one cluster twice',
    '{ port: 9192, primary: seoul, standby: seoul }',
    '8:48: routes.shop.standby: a cluster cannot stand by for itself',
  ],
  [
    'no link',
    '{ port: 9192, primary: seoul, standby: tokyo }',
    '8:48: routes.shop.standby: no link leads from seoul to tokyo; write  links: { NAME: { from: seoul, to: tokyo } }',
  ],
  [
    'a link the other way',
    '{ port: 9192, primary: virginia, standby: seoul }',
    '8:51: routes.shop.standby: no link leads from virginia to seoul (dr leads the other way); write  links: { NAME: { from: virginia, to: seoul } }',
  ],
  [
    'ports of a cluster',
    '{ port: 19090, primary: seoul, standby: virginia }',
    '8:17: routes.shop.port: ports 19090-19092 overlap with ports 19092-19097 of cluster seoul',
  ],
  [
    'too few slots',
    '{ port: 9192, primary: seoul, standby: virginia, slots: 2 }',
    '8:65: routes.shop.slots: too few: one of the clusters has 3 brokers',
  ],
  [
    'no port',
    '{ primary: seoul, standby: virginia }',
    '8:3: routes.shop.port: is missing; expected a number',
  ],
  [
    'a key with a slip',
    '{ port: 9192, primary: seoul, standby: virginia, standbylost: hold }',
    '8:58: routes.shop.standbylost: unknown key, did you mean standbyLost?',
  ],
  [
    'a key of users with a slip',
    '{ port: 9192, primary: seoul, standby: virginia, sasl: { users: { al: { pasword: env:A } } } }',
    '8:75: routes.shop.sasl.users.al.password: is missing; write env:NAME or file:path here; a secret never stands in the file itself',
  ],
  [
    'a password in the file',
    '{ port: 9192, primary: seoul, standby: virginia, sasl: { users: { al: { password: hunter2 } } } }',
    '8:91: routes.shop.sasl.users.al.password: write env:NAME or file:path here; a secret never stands in the file itself',
  ],
]
for (const [name, route, expected] of wrong) {
  test(`${name} is told where it stands`, () => {
    const problems = problemsOf(fleetWith(route))
    assert.ok(problems.includes(expected), problems.join('\n'))
    assert.doesNotMatch(problems.join(), /hunter2/)
  })
}

test('a link with a prefix, or two links, are no way for a route', () => {
  const route = '{ port: 9192, primary: seoul, standby: tokyo }'
  const prefixed = fleetWith(route, '  far: { from: seoul, to: tokyo, prefix: kr. }\n')
  assert.match(problemsOf(prefixed).join(), /link far gives mirrors the prefix kr\., but clients look for/)
  const two =
    '  one: { from: seoul, to: tokyo, topics: [a] }\n  two: { from: seoul, to: tokyo, topics: [b] }\n'
  assert.match(problemsOf(fleetWith(route, two)).join(), /links one, two all lead from seoul to tokyo/)
})

test('two routes share no port, unless they listen at different addresses', () => {
  const route = '{ port: 9192, primary: seoul, standby: virginia }'
  const second = (keys: string) =>
    `${fleetWith(route)}  web: { port: 9194, primary: seoul, standby: virginia${keys} }\n`
  const expected = 'routes.web.port: ports 9194-9196 overlap with ports 9192-9194 of route shop'
  assert.ok(problemsOf(second('')).join().includes(expected))
  assert.ok(problemsOf(second(', listen: 0.0.0.0')).join().includes(expected))
  assert.equal(parseFleet(second(', listen: 10.0.0.1')).fleet.routes.web?.advertised, '10.0.0.1')
})

test('passwords that cross a network readable are remarked', () => {
  const sasl = 'sasl: { mechanisms: [PLAIN], users: { al: { password: env:A } } }'
  const route = `{ port: 9192, primary: seoul, standby: virginia, listen: 0.0.0.0, ${sasl} }`
  assert.match(
    parseFleet(fleetWith(route))
      .remarks.map(({ message }) => message)
      .join(),
    /PLAIN without `tls`/,
  )
})
