import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Secret } from '../../base/secret.ts'
import { PlainExchange } from '../../client/sasl/plain.ts'
import { ScramExchange } from '../../client/sasl/scram.ts'
import type { RouteUser } from '../spec.ts'
import { PlainServer } from './plain.ts'
import { ScramServer, ScramUsers } from './scram.ts'

const users: ReadonlyMap<string, RouteUser> = new Map(
  ['alice', 'b=o,b', '한국'].map((name) => [name, { name, password: new Secret(`${name}-secret`) }]),
)
const scramUsers = new ScramUsers(users)

for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
  test(`${mechanism}: whoever has the password enters, and is shown that the route has it too`, async () => {
    for (const { name, password } of users.values()) {
      const client = new ScramExchange(mechanism, name, password)
      const server = new ScramServer(mechanism, scramUsers)
      const challenge = await server.next(await client.first())
      const proof = await client.next(challenge!)
      assert.equal(server.user, null, 'not before the proof')
      const verifier = await server.next(proof!)
      assert.equal(await client.next(verifier!), null)
      assert.ok(client.isComplete)
      assert.equal(server.user, name)
    }
  })

  test(`${mechanism}: a wrong password and an unknown name are refused alike`, async () => {
    for (const [name, password] of [
      ['alice', 'wrong'],
      ['nobody', 'wrong'],
    ] as const) {
      const client = new ScramExchange(mechanism, name, new Secret(password))
      const server = new ScramServer(mechanism, scramUsers)
      const proof = await client.next((await server.next(await client.first()))!)
      assert.equal(await server.next(proof!), null)
      assert.equal(server.user, null)
    }
    const salts = await Promise.all([1, 2].map(() => scramUsers.credential(mechanism, 'nobody')))
    assert.deepEqual(salts[0]?.salt, salts[1]?.salt, 'a name that nobody has keeps its salt, as others do')
  })
}

test('PLAIN: name and password, and nobody for another', async () => {
  const say = async (message: Buffer) => {
    const server = new PlainServer(users)
    await server.next(message)
    return server.user
  }
  assert.equal(await say(await new PlainExchange('alice', new Secret('alice-secret')).first()), 'alice')
  assert.equal(await say(Buffer.from('\0alice\0wrong')), null)
  assert.equal(await say(Buffer.from('\0nobody\0')), null)
  assert.equal(await say(Buffer.from('bob\0alice\0alice-secret')), null)
  assert.equal(await say(Buffer.from('\0alice\0alice-secret\0more')), null)
})

test('whatever a client says, it is refused and nothing else', async () => {
  const parts = fc.array(
    fc.constantFrom('n,,', 'n=', 'alice', ',r=', 'abc', 'c=biws', ',p=', '\0', '=', 'm=x'),
  )
  await fc.assert(
    fc.asyncProperty(parts, parts, async (first, second) => {
      const scram = new ScramServer('SCRAM-SHA-256', scramUsers)
      const plain = new PlainServer(users)
      for (const message of [first, second]) {
        const bytes = Buffer.from(message.join(''))
        await plain.next(bytes)
        if ((await scram.next(bytes)) === null) break
      }
      assert.deepEqual([scram.user, plain.user], [null, null])
    }),
    { numRuns: 60 },
  )
})
