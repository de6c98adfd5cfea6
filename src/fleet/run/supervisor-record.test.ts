import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Secret } from '../../base/secret.ts'
import { readSupervisorRecord, removeSupervisorRecord, writeSupervisorRecord } from './supervisor-record.ts'

test('a record reads back as written, for its owner alone, and torn ones count as none', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'kmc-record-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'run', 'supervisor.json')
  assert.equal(readSupervisorRecord(file), null)

  const record = { pid: 4711, processStart: 'boot:99', startedAt: 5, port: 40_001 }
  writeSupervisorRecord(file, { ...record, token: new Secret('0123456789abcdef') })
  assert.equal(statSync(file).mode & 0o777, 0o600)
  const { token, ...rest } = readSupervisorRecord(file)!
  assert.deepEqual(rest, record)
  assert.equal(token.reveal(), '0123456789abcdef')

  for (const torn of ['', '{', '{"version":1}', '{"version":2}', `{"pid":1,"token":"${'x'.repeat(5000)}"}`]) {
    writeFileSync(file, torn)
    assert.equal(readSupervisorRecord(file), null)
  }
  removeSupervisorRecord(file)
  removeSupervisorRecord(file)
  assert.equal(readSupervisorRecord(file), null)
})
