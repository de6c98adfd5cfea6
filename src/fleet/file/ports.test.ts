import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { assignPorts, type PortClaim, portsOf, rangesOverlap } from './ports.ts'

const claim = (name: string, brokers = 1, port: number | null = null): PortClaim => ({ name, brokers, port })

test('clusters get blocks of ten from 19092', () => {
  const ports = assignPorts([claim('a'), claim('b', 3), claim('c', 8), claim('d')], {})
  assert.deepEqual(
    [...ports],
    [
      ['a', 19092],
      ['b', 19102],
      ['c', 19112],
      ['d', 19132],
    ],
  )
})

test('a cluster keeps the port it had when another is put before it', () => {
  const ports = assignPorts([claim('new'), claim('old')], { old: 19092 })
  assert.deepEqual(Object.fromEntries(ports), { old: 19092, new: 19102 })
})

test('a port in the file wins over a remembered one, and the others go round it', () => {
  const ports = assignPorts([claim('a'), claim('b', 1, 19093)], { a: 19092, b: 19102 })
  assert.deepEqual(Object.fromEntries(ports), { b: 19093, a: 19102 })
})

test('a cluster that finds no room gets none', () => {
  const all = Array.from({ length: 1_400 }, (_, index) => claim(`c${index}`, 32, 19_092 + index * 35))
  assert.equal(assignPorts([...all, claim('late', 32)], {}).get('late'), null)
})

test('assigned ports never overlap', () => {
  const claims = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 20 })
  const remembered = fc.array(fc.integer({ min: 19_092, max: 19_200 }), { maxLength: 20 })
  fc.assert(
    fc.property(claims, remembered, (brokers, before) => {
      const names = brokers.map((count, index) => claim(`c${index}`, count))
      const ports = assignPorts(names, Object.fromEntries(before.map((port, index) => [`c${index}`, port])))
      const ranges = names.map(({ name, brokers: count }) => portsOf(ports.get(name)!, count))
      for (const [index, range] of ranges.entries()) {
        for (const other of ranges.slice(0, index)) assert.ok(!rangesOverlap(range, other))
      }
    }),
  )
})
