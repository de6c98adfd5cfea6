import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { EndTimes } from './end-times.ts'
import { lagAt, totalLag, unknownLag } from './lag.ts'
import { RecordBytes } from './record-bytes.ts'

const NOW = 100_000

function timesOf(looks: readonly (readonly [offset: number, at: number])[], max?: number): EndTimes {
  const times = new EndTimes(max)
  for (const [offset, at] of looks) times.note(offset, at)
  return times
}

describe('when the record at an offset was written', () => {
  test('is told between two looks by their times', () => {
    const times = timesOf([
      [0, 10_000],
      [100, 20_000],
    ])
    assert.deepEqual(times.writtenAt(0), { at: 10_000, isBound: false })
    assert.deepEqual(times.writtenAt(50), { at: 15_000, isBound: false })
    assert.deepEqual(times.writtenAt(99), { at: 19_900, isBound: false })
    assert.equal(times.writtenAt(100), null, 'nothing is there yet')
  })

  test('counts from the last look at which the log had not grown yet', () => {
    const times = timesOf([
      [10, 0],
      [10, 50_000],
      [20, 60_000],
    ])
    assert.deepEqual(times.writtenAt(10), { at: 50_000, isBound: false })
    assert.deepEqual(times.writtenAt(15), { at: 55_000, isBound: false })
  })

  test('of a record older than all looks only a bound is known', () => {
    assert.deepEqual(timesOf([[10, 5_000]]).writtenAt(3), { at: 5_000, isBound: true })
  })

  test('is forgotten when the end goes back: the topic was made again', () => {
    const times = timesOf([
      [100, 10_000],
      [5, 20_000],
      [8, 30_000],
    ])
    assert.equal(times.end, 8)
    assert.deepEqual(times.writtenAt(2), { at: 20_000, isBound: true })
    assert.equal(times.writtenAt(50), null)
  })

  test('stays within its bound, never runs backwards, and never leaves the time of its looks', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 50 }), { minLength: 2, maxLength: 400 }), (growth) => {
        let end = 0
        const times = timesOf(
          growth.map((by, index) => {
            end += by
            return [end, index * 10_000] as const
          }),
          20,
        )
        let last = 0
        for (let offset = 0; offset < end; offset += 7) {
          const written = times.writtenAt(offset)
          assert.ok(written !== null && written.at >= last && written.at <= growth.length * 10_000)
          last = written.at
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('lag', () => {
  const times = timesOf([
    [0, NOW - 30_000],
    [100, NOW - 20_000],
    [200, NOW - 10_000],
  ])

  test('in records, bytes and seconds', () => {
    assert.deepEqual(lagAt(150, { end: 200, times, perOffset: 10.4 }, NOW), {
      records: 50,
      bytes: 520,
      seconds: 15,
      secondsAtLeast: 15,
    })
  })

  test('is nothing at the end, and beyond it', () => {
    const facts = { end: 200, times, perOffset: null }
    for (const position of [200, 201]) {
      assert.deepEqual(lagAt(position, facts, NOW), { records: 0, bytes: 0, seconds: 0, secondsAtLeast: 0 })
    }
  })

  test('is not known without an end or a position', () => {
    assert.deepEqual(lagAt(1, { end: null, times, perOffset: 1 }, NOW), unknownLag)
    assert.deepEqual(lagAt(-1, { end: 5, times, perOffset: 1 }, NOW), unknownLag)
  })

  test('of a record older than all looks has a bound in seconds', () => {
    const late = timesOf([[200, NOW - 10_000]])
    const lag = lagAt(5, { end: 200, times: late, perOffset: null }, NOW)
    assert.deepEqual(lag, { records: 195, bytes: null, seconds: null, secondsAtLeast: 10 })
  })

  test('of several adds up, and is unknown where a part is', () => {
    const one = { records: 1, bytes: 10, seconds: 3, secondsAtLeast: 3 }
    const two = { records: 2, bytes: 20, seconds: 5, secondsAtLeast: 5 }
    assert.deepEqual(totalLag([one, two]), { records: 3, bytes: 30, seconds: 5, secondsAtLeast: 5 })
    assert.deepEqual(totalLag([one, unknownLag]), { ...unknownLag, secondsAtLeast: 3 })
    assert.equal(totalLag([]).records, 0)
  })
})

describe('bytes an offset takes', () => {
  test('are the average at first, and what was added later', () => {
    const size = new RecordBytes()
    assert.equal(size.perOffset, null)
    size.note(1_000, 0, 100)
    assert.equal(size.perOffset, 10)
    size.note(1_500, 0, 110)
    assert.equal(size.perOffset, 10, 'ten offsets tell little')
    size.note(6_000, 0, 200)
    assert.equal(size.perOffset, 50)
  })

  test('are not upset by segments that are deleted', () => {
    const size = new RecordBytes()
    size.note(10_000, 0, 1_000)
    size.note(2_000, 900, 1_100)
    assert.equal(size.perOffset, 10)
    size.note(6_000, 900, 1_300)
    assert.equal(size.perOffset, 20)
  })

  test('of an empty log are not known', () => {
    const size = new RecordBytes()
    size.note(0, 0, 0)
    assert.equal(size.perOffset, null)
  })
})
