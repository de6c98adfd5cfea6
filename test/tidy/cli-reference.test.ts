import assert from 'node:assert/strict'
import { test } from 'node:test'
import { catalog } from '../../src/cli/catalog.ts'
import { assertGenerated } from '../kit/golden.ts'
import { cliPage, groupMismatches } from './pages/cli-page.ts'

test('docs/reference/cli.md says what --help says', async () => {
  assertGenerated('docs/reference/cli.md', await cliPage())
})

test('every command has examples that begin with its name', async () => {
  const wrong: string[] = []
  for (const { path, load } of catalog) {
    const { examples } = await load()
    if (!examples.some(([line]) => line.includes(`kmc ${path}`))) wrong.push(path)
  }
  assert.deepEqual(wrong, [])
})

test('groups and commands belong together', () => {
  assert.deepEqual(groupMismatches(), [])
})
