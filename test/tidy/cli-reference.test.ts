import assert from 'node:assert/strict'
import { test } from 'node:test'
import { catalog } from '../../src/cli/catalog.ts'
import { assertGenerated } from '../kit/golden.ts'
import { cliPage, groupMismatches } from './pages/cli-page.ts'
import { jsonPage, unknownInExamples, unnamed } from './pages/json-page.ts'

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

test('docs/reference/json.md says what the types say, of every command', () => {
  assertGenerated('docs/reference/json.md', jsonPage())
  assert.deepEqual(unknownInExamples(), [], 'what the examples print has a type')
  // What bench prints is measured, and made to be read.
  assert.deepEqual(unnamed(catalog.map(({ path }) => path).filter((path) => !path.startsWith('bench'))), [])
})
