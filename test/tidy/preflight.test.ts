import assert from 'node:assert/strict'
import { test } from 'node:test'
import { preflightFindings } from '../../src/link/preflight/findings.ts'
import { assertGenerated } from '../kit/golden.ts'
import { preflightPage } from './pages/preflight-page.ts'
import { isTest, read, typescript } from './project.ts'

test('docs/reference/preflight.md says what the table of findings says', () => {
  assertGenerated('docs/reference/preflight.md', preflightPage())
})

test('every finding of the table is made somewhere', () => {
  const sources = typescript.filter((path) => path.startsWith('src/link/preflight/') && !isTest(path))
  const text = sources
    .filter((path) => !path.endsWith('/findings.ts'))
    .map((path) => read(path).lines.join('\n'))
    .join('\n')
  assert.deepEqual(
    Object.keys(preflightFindings).filter((code) => !text.includes(`'${code}'`)),
    [],
  )
})
