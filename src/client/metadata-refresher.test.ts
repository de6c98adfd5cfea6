import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MetadataScope } from './metadata.ts'
import { MetadataRefresher } from './metadata-refresher.ts'

/** Questions asked, each answered when the test says so. */
class Asked {
  readonly scopes: string[] = []
  readonly #open: PromiseWithResolvers<void>[] = []
  readonly ask = (scope: MetadataScope): Promise<void> => {
    this.scopes.push(scope === 'all' ? 'all' : [...scope].sort().join(','))
    const answer = Promise.withResolvers<void>()
    this.#open.push(answer)
    return answer.promise
  }

  async answer(error?: Error): Promise<void> {
    const open = this.#open.shift()!
    if (error === undefined) open.resolve()
    else open.reject(error)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('wishes made while a question runs share the next one', async () => {
  const asked = new Asked()
  const refresher = new MetadataRefresher(asked.ask)
  const first = refresher.refresh(new Set(['a']))
  const others = [new Set(['b']), new Set(['c', 'b']), new Set<string>()].map((scope) =>
    refresher.refresh(scope),
  )
  assert.deepEqual(asked.scopes, ['a'])
  await asked.answer()
  await first
  assert.deepEqual(asked.scopes, ['a', 'b,c'])
  await asked.answer()
  await Promise.all(others)
  assert.deepEqual(asked.scopes, ['a', 'b,c'])
})

test('who wants all topics gets all', async () => {
  const asked = new Asked()
  const refresher = new MetadataRefresher(asked.ask)
  const wishes = [
    refresher.refresh(new Set(['a'])),
    refresher.refresh(new Set(['b'])),
    refresher.refresh('all'),
  ]
  await asked.answer()
  await asked.answer()
  await Promise.all(wishes)
  assert.deepEqual(asked.scopes, ['a', 'all'])
})

test('a failure reaches those who waited for it and nobody else', async () => {
  const asked = new Asked()
  const refresher = new MetadataRefresher(asked.ask)
  const first = refresher.refresh('all')
  const second = refresher.refresh('all')
  const failure = assert.rejects(first, /broken/)
  await asked.answer(new Error('broken'))
  await failure
  await asked.answer()
  await second
})
