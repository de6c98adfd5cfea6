import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { folderIdentity } from './identity.ts'

test('a folder keeps its name, and a torn file is replaced', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'kmc-identity-')), 'identity')
  const first = folderIdentity(file)
  assert.match(first, /^[0-9a-f]{16}$/)
  assert.equal(folderIdentity(file), first)
  writeFileSync(file, '12')
  const second = folderIdentity(file)
  assert.notEqual(second, first)
  assert.equal(folderIdentity(file), second)
})
