import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConsumerInstance } from './instance.ts'
import { ConsumerInstances } from './instances.ts'

const place = (instance: string, owner = 'ada') => ({ cluster: 'c', group: 'g', instance, owner })

/** An instance that only ends. */
function made() {
  const closed = Promise.withResolvers<void>()
  const instance = { close: async () => closed.resolve() } as unknown as ConsumerInstance
  return { instance, closed: closed.promise }
}

test('an instance is found by its owner until it is deleted, and only so many are kept', async () => {
  await using instances = new ConsumerInstances({ instancesMax: 1 })
  const { instance, closed } = made()
  await instances.add(place('a'), async () => instance)
  assert.equal(await instances.use(place('a'), (one) => one), instance)
  await assert.rejects(
    instances.use(place('a', 'eve'), () => {}),
    { code: 'CONSUMER_NOT_FOUND' },
  )
  await assert.rejects(
    instances.add(place('a'), async () => instance),
    { code: 'CONSUMER_EXISTS' },
  )
  await assert.rejects(
    instances.add(place('b'), async () => instance),
    { code: 'CONSUMERS_TOO_MANY' },
  )
  await assert.rejects(instances.delete(place('a', 'eve')), { code: 'CONSUMER_NOT_FOUND' })
  await instances.delete(place('a'))
  await closed
  await assert.rejects(
    instances.use(place('a'), () => {}),
    { code: 'CONSUMER_NOT_FOUND' },
  )
})

test('one that is asked nothing for a while is closed, and not while it works', async () => {
  await using instances = new ConsumerInstances({ idleMs: 20 })
  const [idle, busy] = [made(), made()]
  await instances.add(place('idle'), async () => idle.instance)
  await instances.add(place('busy'), async () => busy.instance)
  const result = instances.use(place('busy'), async () => {
    await idle.closed
    return 'worked'
  })
  assert.equal(await result, 'worked')
  await busy.closed
})

test('one that could not be opened leaves its place', async () => {
  await using instances = new ConsumerInstances({ instancesMax: 1 })
  const fail = () => Promise.reject(new Error('no'))
  await assert.rejects(instances.add(place('a'), fail), /no/)
  await instances.add(place('a'), async () => made().instance)
})
