import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergeMessages } from './merge.ts'
import { parseRange } from './range.ts'
import type { FieldSpec, MessageSpec } from './spec.ts'

const stable = { older: false, newer: false }

function field(name: string, versions: string, more: Partial<FieldSpec> = {}): FieldSpec {
  const none = {
    struct: undefined,
    nullable: undefined,
    tagged: undefined,
    tag: undefined,
    fields: undefined,
  }
  const plain = { default: undefined, ignorable: false, flexible: undefined, type: 'int32' }
  return { ...none, ...plain, name, versions: parseRange(versions)!, ...more }
}

function message(versions: string, fields: readonly FieldSpec[]): MessageSpec {
  const rest = {
    kind: 'request',
    name: 'TestRequest',
    apiKey: 1,
    unstableLatest: false,
    flexibleFrom: null,
  } as const
  return { ...rest, versions: parseRange(versions), fields }
}

test('versions that only the older release speaks keep its fields', () => {
  const older = message('0-3', [field('gone', '0-1'), field('stays', '0+')])
  const newer = message('2-5', [field('stays', '0+'), field('fresh', '4+')])
  const merged = mergeMessages(older, newer, stable)!
  assert.deepEqual(merged.versions, { from: 0, to: 5 })
  assert.deepEqual(
    merged.spec.fields.map(({ name }) => name),
    ['gone', 'stays', 'fresh'],
  )
  assert.deepEqual(merged.spec.fields[0]!.versions, { from: 0, to: 1 })
})

test('the newer release’s table stands alone when it says the same of old versions', () => {
  const newer = message('2-5', [field('stays', '0+')])
  assert.equal(mergeMessages(message('0-3', [field('stays', '0+')]), newer, stable)!.spec, newer)
})

test('an API that only one release has is kept', () => {
  const only = message('0-1', [])
  assert.equal(mergeMessages(only, undefined, stable)!.spec, only)
  assert.equal(mergeMessages(undefined, only, stable)!.spec, only)
  assert.equal(mergeMessages(only, { ...only, versions: undefined }, stable)!.spec, only)
})

test('the newest version is left out while Kafka calls it unstable', () => {
  const spec = message('0-2', [])
  assert.deepEqual(mergeMessages(undefined, spec, { older: false, newer: true })!.versions, {
    from: 0,
    to: 1,
  })
  assert.equal(mergeMessages(message('0', []), undefined, { older: true, newer: false }), undefined)
})

test('releases that disagree in a way no table can hold are an error', () => {
  const older = message('0-1', [field('a', '0+'), field('b', '0+')])
  const newer = message('1-2', [field('b', '0+'), field('a', '0+')])
  assert.throws(() => mergeMessages(older, newer, stable), /cannot be joined/)
})
