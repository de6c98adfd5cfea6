import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../../base/error.ts'
import { findJars, KAFKA_VERSIONS } from './find-jars.ts'
import { generate } from './generate.ts'
import { clip, formatRange, parseRange, union } from './range.ts'
import { stripComments } from './spec.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

test('what stands in the tree is what the generator makes of the schemas of Kafka', (context) => {
  let jars: Map<string, string>
  try {
    jars = findJars([])
  } catch (error) {
    const reason = `skipped: no kafka-clients jars: ${messageOf(error).split('\n')[0]}`
    context.diagnostic(reason)
    context.skip(reason)
    return
  }
  const files = generate(jars.get(KAFKA_VERSIONS[0])!, jars.get(KAFKA_VERSIONS[1])!)
  for (const [path, text] of files) {
    assert.equal(readFileSync(join(root, path), 'utf8'), text, `${path} differs. Run: npm run generate`)
  }
  for (const folder of new Set([...files.keys()].map((path) => dirname(path)))) {
    if (!folder.startsWith('src/')) continue
    const left = readdirSync(join(root, folder)).filter((name) => !files.has(`${folder}/${name}`))
    assert.deepEqual(left, [], `${folder} holds files that the generator does not make`)
  }
})

test('comments go, slashes inside texts stay', () => {
  assert.equal(stripComments('{"a": "http://x", // why\n"b": 1}'), '{"a": "http://x", \n"b": 1}')
  assert.equal(stripComments('"\\" // no comment" // one'), '"\\" // no comment" ')
})

test('ranges are read, written, cut and joined', () => {
  for (const text of ['3', '0-4', '5+']) assert.equal(formatRange(parseRange(text)), text)
  assert.equal(parseRange('none'), undefined)
  assert.throws(() => parseRange('x'))
  assert.deepEqual(clip({ from: 2, to: Number.POSITIVE_INFINITY }, { from: 0, to: 4 }), { from: 2, to: 4 })
  assert.equal(clip({ from: 5, to: 6 }, { from: 0, to: 4 }), undefined)
  assert.deepEqual(union({ from: 0, to: 2 }, { from: 3, to: 4 }), { from: 0, to: 4 })
  assert.throws(() => union({ from: 0, to: 1 }, { from: 3, to: 4 }))
})
