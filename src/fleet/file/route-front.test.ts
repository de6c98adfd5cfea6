import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '../../base/secret.ts'
import { succeeded } from '../../client/outcome.ts'
import type { RouteDeclaration } from './fleet.ts'
import { routeFront } from './route-front.ts'

const route: RouteDeclaration = {
  ...{ name: 'shop', port: 9_192, slots: 1, primary: 'seoul', standby: 'virginia', listen: '0.0.0.0' },
  ...{ advertised: 'shop.example', tls: null, sasl: null, limits: {}, standbyLost: 'serve' },
}
const secret = new Secret('s')
const sasl = (username: string) => ({ mechanism: 'PLAIN', username, password: secret }) as const
const at = (name: string, username?: string) =>
  succeeded({ name, bootstrap: [], ...(username !== undefined && { sasl: sasl(username) }) })
const key = { certificate: 'file:c', key: 'file:k', keyPassword: null, clientCa: null }

test('kmc enters a route at its address, as it enters the clusters where logins are passed through', () => {
  const plain = routeFront(route, new Map(), [at('seoul'), at('virginia')])
  assert.deepEqual(plain.ways?.[0], { name: 'route shop', bootstrap: ['shop.example:9192'] })
  const { ways } = routeFront(route, new Map(), [at('seoul', 'a'), at('virginia', 'b')])
  assert.deepEqual(
    ways?.map((way) => way.sasl),
    [sasl('a'), sasl('b')],
  )
})

test('it trusts the route’s own certificate, and has none of its own to show', () => {
  const secrets = new Map([['tls.certificate', new Secret('PEM')]])
  const { ways } = routeFront({ ...route, tls: key }, secrets, [at('seoul')])
  assert.deepEqual(ways?.[0]?.tls, { ca: 'PEM', trustsLeaf: true })
  const mutual = routeFront({ ...route, tls: { ...key, clientCa: 'file:ca' } }, secrets, [at('seoul')])
  assert.match(mutual.why ?? '', /certificate/)
})

test('where logins end at the route it is one of its users, best one without another name behind it', () => {
  const as = { mechanism: 'PLAIN', username: 'u', password: 'env:U' } as const
  const users = { mapped: { password: 'env:A', as }, own: { password: 'env:B', as: null } }
  const secrets = new Map([['sasl.users.own.password', secret]])
  const ended = { ...route, sasl: { mechanisms: ['SCRAM-SHA-512' as const], users } }
  const { ways } = routeFront(ended, secrets, [at('seoul', 'a')])
  assert.deepEqual(
    ways?.map((way) => way.sasl),
    [{ mechanism: 'SCRAM-SHA-512', username: 'own', password: secret }],
  )
})
