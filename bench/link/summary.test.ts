import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CopyResult } from './copy-run.ts'
import { printReport } from './print.ts'
import type { ShapeReport } from './run.ts'
import { shapes } from './shapes.ts'
import { possibleOn, summarize } from './summary.ts'

const MIB = 2 ** 20
const GIB = 2 ** 30

function copied(mibPerSecond: number, mirrorCpuSeconds: number): CopyResult {
  return {
    seconds: 1024 / mibPerSecond,
    records: 1_000_000,
    bytes: GIB,
    lateBytesPerSecond: mibPerSecond * MIB,
    mirrorCpuSeconds,
    sourceCpuSeconds: 1,
    destinationCpuSeconds: 4,
    peakRssBytes: 150e6,
    startSeconds: 1,
    startCpuSeconds: 1,
  }
}

function written(mibPerSecond: number) {
  const seconds = 1024 / mibPerSecond
  return { seconds, records: 1_000_000, bytes: GIB, brokerCpuSeconds: 3, clientCpuSeconds: 1 }
}

const report: ShapeReport = {
  shape: shapes[0]!,
  records: 1_000_000,
  bytes: GIB,
  limits: [
    { name: 'read-alone', result: written(800) },
    { name: 'write-alone-1', result: written(150) },
    { name: 'write-alone-4', result: written(250) },
  ],
  copies: [
    { name: 'exact-link', result: copied(180, 2.5) },
    { name: 'mm2-tuned', result: copied(70, 19) },
    { name: 'mm2-tuned', result: copied(90, 21) },
    { name: 'exact-link', result: copied(220, 1.5) },
    { name: 'exact-link', result: copied(200, 2) },
  ],
}

test('ratios are of the medians, against the tuned MirrorMaker and the faster way of writing alone', () => {
  const link = summarize(report).find(({ name }) => name === 'exact-link')!
  assert.deepEqual(link.mibPerSecond, { min: 180, median: 200, max: 220 })
  assert.equal(link.againstTuned?.toFixed(2), (200 / 80).toFixed(2))
  assert.equal(link.ofWriteLimit?.toFixed(2), '0.80')
  assert.deepEqual(link.cpuPerGib, { min: 1.5, median: 2, max: 2.5 })
})

test('limits come first, the exact link last', () => {
  const names = summarize(report).map(({ name }) => name)
  assert.deepEqual(names, ['read-alone', 'write-alone-1', 'write-alone-4', 'mm2-tuned', 'exact-link'])
})

test('what is possible is what reading and writing alone leave of the cores', () => {
  const possible = possibleOn(2, report)
  assert.deepEqual([possible.readCpuPerGib, possible.writeCpuPerGib], [4, 4])
  assert.equal(possible.mibPerSecond, 250)
  assert.equal(possibleOn(1, report).ofWriteLimit.toFixed(2), (128 / 250).toFixed(2))
})

test('nothing is faster than writing alone, however many cores there are', () => {
  assert.equal(possibleOn(64, report).ofWriteLimit, 1)
})

test('the tables say what was measured, and how often', () => {
  const machine = { cpu: 'some', cores: 2, memoryBytes: 8 * GIB, kafka: '4.3.1' }
  const whole = { startedAt: '', machine, quick: false, rounds: 3, shapes: [report], calm: [] }
  const text = printReport(whole).join('\n')
  assert.match(text, /2 cores \(some\), 8 GiB, Kafka 4\.3\.1; median \(least-most\) of 3 rounds/)
  assert.match(text, /p1k: 1,000,000 records of 1 KiB, lz4, 1,024 MiB on the wire/)
  assert.match(text, /possible on 2 cores: 250 MiB\/s \(100 % of write\).*; the exact link: 80 %/)
  assert.match(text, /exact link +200 \(180-220\) +200 +195,313 +2\.5 x +80 %/)
})
