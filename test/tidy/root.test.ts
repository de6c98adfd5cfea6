import assert from 'node:assert/strict'
import { test } from 'node:test'
import { paths } from './project.ts'

const ROOT_ENTRIES_MAX = 18

test(`the root shows at most ${ROOT_ENTRIES_MAX} entries`, () => {
  const entries = new Set(paths.map((path) => path.split('/')[0]!).filter((name) => !name.startsWith('.')))
  assert.ok(entries.size <= ROOT_ENTRIES_MAX, `${entries.size}: ${[...entries].join(' ')}`)
})

test('files have names in kebab case', () => {
  const wrong = paths.filter(
    (path) =>
      /\.(tsx?|mjs)$/.test(path) && !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z-]+)*$/.test(path.split('/').at(-1)!),
  )
  assert.deepEqual(wrong, [])
})
