import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { readBatchHeader, verifyCrc } from '../../src/wire/batch/header.ts'
import { readRecords } from '../../src/wire/batch/records.ts'
import { makeContent } from './content.ts'
import { PARTITIONS, shapes } from './shapes.ts'

const RECORDS = 2_000

for (const shape of shapes.filter(({ name }) => name !== 'p1k-long')) {
  test(`${shape.name} is made of whole batches of records of its size`, () => {
    const content = makeContent({ ...shape, records: RECORDS })
    assert.equal(content.records, content.batchesPerPartition * PARTITIONS * shape.recordsPerBatch)
    assert.ok(Math.abs(content.records - RECORDS) <= (PARTITIONS * shape.recordsPerBatch) / 2)
    for (const batch of content.pool) {
      assert.ok(verifyCrc(batch))
      assert.equal(readBatchHeader(batch, 0).recordCount, shape.recordsPerBatch)
    }
    for (const { key, value } of readRecords(content.pool[0]!)) {
      assert.equal(key!.length + value!.length, shape.recordBytes)
      assert.match(value!.toString('latin1'), /^\{"order":\d+,"to":".+"token":"[0-9a-f]+-*"\}$/)
    }
  })

  test(`${shape.name} has the same bytes in every run`, () => {
    const digest = () => {
      const hash = createHash('sha256')
      for (const batch of makeContent({ ...shape, records: RECORDS }).pool) hash.update(batch)
      return hash.digest('hex')
    }
    assert.equal(digest(), digest())
  })
}
