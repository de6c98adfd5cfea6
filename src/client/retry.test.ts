import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ClientError, KafkaError } from './errors.ts'
import { failed, type Outcome, succeeded } from './outcome.ts'
import { retrying, retryingItems } from './retry.ts'

const options = { what: 'testing', timeoutMs: 400 }
const NOT_CONTROLLER = 41
const UNKNOWN_TOPIC = 3
const INVALID_TOPIC = 17

describe('one call', () => {
  test('is repeated while a retry can help', async () => {
    const tries: number[] = []
    const value = await retrying(options, async ({ number }) => {
      tries.push(number)
      if (number < 2) throw new KafkaError(NOT_CONTROLLER, 'thing')
      return 'done'
    })
    assert.equal(value, 'done')
    assert.deepEqual(tries, [0, 1, 2])
  })

  test('is not repeated when it cannot, nor for errors that are bugs', async () => {
    for (const error of [new KafkaError(INVALID_TOPIC, 'thing'), new TypeError('bug')]) {
      let tries = 0
      const attempt = async (): Promise<never> => {
        tries++
        throw error
      }
      await assert.rejects(retrying(options, attempt), error)
      assert.equal(tries, 1)
    }
  })

  test('ends with its last error when time is up', async () => {
    const remaining: number[] = []
    const attempt = async ({ remainingMs }: { remainingMs: number }): Promise<never> => {
      remaining.push(remainingMs)
      throw new ClientError('CONNECTION_REFUSED', 'down')
    }
    await assert.rejects(retrying(options, attempt), { code: 'CONNECTION_REFUSED' })
    assert.ok(remaining.length > 2)
    assert.ok(remaining.every((ms, at) => ms > 0 && ms <= (remaining[at - 1] ?? 400)))
  })

  test('can be given up while it rests', async () => {
    const controller = new AbortController()
    const attempt = async (): Promise<never> => {
      controller.abort()
      throw new ClientError('CONNECTION_REFUSED', 'down')
    }
    await assert.rejects(retrying({ ...options, timeoutMs: 60_000, signal: controller.signal }, attempt), {
      code: 'REQUEST_ABORTED',
    })
  })
})

describe('many items', () => {
  test('only those that failed retriably are tried again, and order is kept', async () => {
    const asked: string[] = []
    const outcomes = await retryingItems(['a', 'b', 'c'], options, async (pending, { number }) => {
      asked.push(pending.join(''))
      return pending.map((item): Outcome<string> => {
        if (item === 'b') return failed(new KafkaError(INVALID_TOPIC, item))
        return item === 'a' && number === 0 ? failed(new KafkaError(NOT_CONTROLLER, item)) : succeeded(item)
      })
    })
    assert.deepEqual(asked, ['abc', 'a'])
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.ok ? outcome.value : 'failed')),
      ['a', 'failed', 'c'],
    )
  })

  test('an attempt that fails as a whole counts for each', async () => {
    const outcomes = await retryingItems(['a', 'b'], options, async (pending, { number }) => {
      if (number === 0) throw new ClientError('CONNECTION_LOST', 'gone')
      return pending.map(succeeded)
    })
    assert.deepEqual(outcomes, [succeeded('a'), succeeded('b')])
  })

  test('an unknown topic is worth a short wait only, or none', async () => {
    const tries = async (retryUnknownTopics: boolean): Promise<number> => {
      let count = 0
      const startedMs = performance.now()
      const patient = { ...options, timeoutMs: 60_000, retryUnknownTopics }
      await retryingItems(['a'], patient, async () => {
        count++
        return [failed(new KafkaError(UNKNOWN_TOPIC, 'a'))]
      })
      assert.ok(performance.now() - startedMs < 5_000)
      return count
    }
    assert.ok((await tries(true)) > 1)
    assert.equal(await tries(false), 1)
  })

  test('nothing asked, nothing done', async () => {
    assert.deepEqual(await retryingItems([], options, () => assert.fail('asked')), [])
  })
})
