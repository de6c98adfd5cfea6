import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { assertCode } from '../../test/kit/assert-code.ts'
import { ClientError } from './errors.ts'
import { Pipeline, type PipelineLimits, type PipelineRequest } from './pipeline.ts'

const NEVER = Number.NEGATIVE_INFINITY
const usual: PipelineLimits = {
  inFlightRequestsMax: 3,
  inFlightBytesMax: 100,
  waitingRequestsMax: 2,
  abandonedGraceMs: 1_000,
}

/** A pipeline whose clock and wire are in the test's hand. */
class Bench {
  nowMs = 0
  readonly written: number[] = []
  readonly outcomes: string[] = []
  readonly pipeline: Pipeline

  constructor(limits: Partial<PipelineLimits> = {}, firstCorrelationId = 0) {
    const edge = {
      write: ([first]: readonly Buffer[]) => void this.written.push(first!.readInt32BE(0)),
      nowMs: () => this.nowMs,
    }
    this.pipeline = new Pipeline(edge, { ...usual, ...limits }, firstCorrelationId)
    this.pipeline.release()
  }

  request(
    name: string,
    { bytes = 10, timeoutMs = 100, decode = (frame: Buffer): unknown => frame[4] } = {},
  ): PipelineRequest {
    return {
      name,
      timeoutMs,
      deadlineMs: this.nowMs + timeoutMs,
      encode: (correlationId) => {
        const frame = Buffer.alloc(bytes)
        frame.writeInt32BE(correlationId)
        return [frame]
      },
      decode,
      resolve: (value) => void this.outcomes.push(`${name} = ${value}`),
      reject: (error) => void this.outcomes.push(`${name} ! ${(error as ClientError).code}`),
    }
  }

  submit(name: string, options: Parameters<Bench['request']>[1] = {}) {
    return this.pipeline.submit(this.request(name, options))
  }

  answer(correlationId: number, value = 0): void {
    const frame = Buffer.alloc(5, value)
    frame.writeInt32BE(correlationId)
    this.pipeline.receive(frame)
  }
}

describe('order', () => {
  test('answers go to their requests, in order', () => {
    const bench = new Bench()
    for (const name of ['a', 'b', 'c']) bench.submit(name)
    for (const at of [0, 1, 2]) bench.answer(at, at + 7)
    assert.deepEqual(bench.outcomes, ['a = 7', 'b = 8', 'c = 9'])
  })

  test('another correlation id, and an answer to nothing, are refused', () => {
    const bench = new Bench()
    assertCode('MALFORMED_RESPONSE', () => bench.answer(0))
    bench.submit('a')
    bench.submit('b')
    assertCode('MALFORMED_RESPONSE', () => bench.answer(1))
    assert.deepEqual(bench.outcomes, [])
  })

  test('a request that cannot be encoded fails alone and leaves no hole', () => {
    const bench = new Bench()
    const broken = { ...bench.request('broken'), encode: () => assert.fail('cannot') }
    bench.pipeline.submit(broken)
    bench.submit('a')
    bench.answer(0, 1)
    assert.deepEqual(bench.outcomes, ['broken ! ERR_ASSERTION', 'a = 1'])
  })

  test('correlation ids begin anew after the highest', () => {
    const bench = new Bench({}, 0x7fff_fffe)
    for (const name of ['a', 'b', 'c']) bench.submit(name)
    assert.deepEqual(bench.written, [0x7fff_fffe, 0x7fff_ffff, 0])
    for (const id of bench.written) bench.answer(id)
    assert.deepEqual(bench.outcomes, ['a = 0', 'b = 0', 'c = 0'])
  })
})

describe('bounds', () => {
  test('what finds no room waits in line, and more than the line holds is refused', () => {
    const bench = new Bench()
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) bench.submit(name)
    assert.deepEqual(bench.written, [0, 1, 2])
    assert.deepEqual(bench.outcomes, ['f ! CONNECTION_OVERLOADED'])
    bench.answer(0)
    assert.deepEqual(bench.written, [0, 1, 2, 3])
    assert.deepEqual([bench.pipeline.inFlightCount, bench.pipeline.waitingCount], [3, 1])
  })

  test('the request that crosses the byte mark is the last one sent', () => {
    const bench = new Bench()
    bench.submit('large', { bytes: 500 })
    bench.submit('small')
    assert.deepEqual(bench.written, [0])
    assert.equal(bench.pipeline.inFlightBytes, 500)
    bench.answer(0)
    assert.equal(bench.pipeline.inFlightBytes, 10)
  })

  test('a newcomer does not overtake the line', () => {
    const bench = new Bench({ inFlightRequestsMax: 1 })
    for (const name of ['a', 'b']) bench.submit(name)
    bench.answer(0)
    bench.submit('c')
    bench.answer(1)
    bench.answer(2)
    assert.deepEqual(bench.outcomes, ['a = 0', 'b = 0', 'c = 0'])
  })
})

describe('deadlines', () => {
  test('an overdue request fails, and its answer still keeps its place', () => {
    const bench = new Bench()
    bench.submit('slow', { timeoutMs: 50 })
    bench.submit('other', { timeoutMs: 500 })
    bench.nowMs = 60
    const { nextMs, silent } = bench.pipeline.sweep(60, 55)
    assert.deepEqual({ nextMs, silent }, { nextMs: 500, silent: null })
    assert.deepEqual(bench.outcomes, ['slow ! REQUEST_TIMEOUT'])
    bench.answer(0)
    bench.answer(1, 4)
    assert.deepEqual(bench.outcomes, ['slow ! REQUEST_TIMEOUT', 'other = 4'])
  })

  test('a peer that sent nothing since the request is gone', () => {
    const bench = new Bench()
    bench.submit('slow', { timeoutMs: 50 })
    assert.equal(bench.pipeline.sweep(50, NEVER).silent, 'slow')
  })

  test('a request behind a long poll that is in time says nothing of the peer', () => {
    const bench = new Bench()
    bench.submit('long poll', { timeoutMs: 5_000 })
    bench.submit('short', { timeoutMs: 50 })
    assert.deepEqual(bench.pipeline.sweep(60, NEVER), { nextMs: 1_050, silent: null })
    assert.deepEqual(bench.pipeline.sweep(1_060, NEVER), { nextMs: 2_060, silent: null })
    bench.answer(0)
    assert.equal(bench.pipeline.sweep(2_060, 1_900).silent, 'short')
    assert.deepEqual(bench.outcomes, ['short ! REQUEST_TIMEOUT', 'long poll = 0'])
  })

  test('a peer that drips is given up after the grace', () => {
    const bench = new Bench()
    bench.submit('slow', { timeoutMs: 50 })
    assert.equal(bench.pipeline.sweep(50, 49).silent, null)
    assert.equal(bench.pipeline.sweep(1_049, 1_048).silent, null)
    assert.equal(bench.pipeline.sweep(1_050, 1_049).silent, 'slow')
  })

  test('a request in line fails at its deadline and is never sent', () => {
    const bench = new Bench({ inFlightRequestsMax: 1 })
    bench.submit('a', { timeoutMs: 1_000 })
    bench.submit('b', { timeoutMs: 10 })
    assert.equal(bench.pipeline.sweep(10, 5).nextMs, 1_000)
    bench.answer(0)
    assert.deepEqual(bench.written, [0])
    assert.deepEqual(bench.outcomes, ['b ! REQUEST_TIMEOUT', 'a = 0'])
  })

  test('nothing to watch, nothing to sweep', () => {
    assert.deepEqual(new Bench().pipeline.sweep(5, 0), { nextMs: null, silent: null })
  })
})

describe('giving up', () => {
  test('an abandoned request in flight keeps its place, one in line leaves it', () => {
    const bench = new Bench({ inFlightRequestsMax: 1 })
    const [a, b] = [bench.submit('a'), bench.submit('b')]
    bench.submit('c')
    a.abandon(new ClientError('REQUEST_ABORTED', 'a'))
    b.abandon(new ClientError('REQUEST_ABORTED', 'b'))
    b.abandon(new ClientError('REQUEST_TIMEOUT', 'twice'))
    assert.equal(bench.pipeline.waitingCount, 1)
    bench.answer(0)
    bench.answer(1, 9)
    assert.deepEqual(bench.outcomes, ['a ! REQUEST_ABORTED', 'b ! REQUEST_ABORTED', 'c = 9'])
  })
})

describe('holding', () => {
  test('urgent requests pass, ordinary ones wait and lose nothing', () => {
    const bench = new Bench()
    bench.submit('before')
    bench.pipeline.hold()
    bench.submit('ordinary')
    bench.pipeline.submitUrgent(bench.request('urgent'))
    assert.deepEqual(bench.written, [0, 1])
    bench.answer(0)
    bench.answer(1)
    bench.pipeline.release()
    bench.answer(2)
    assert.deepEqual(bench.outcomes, ['before = 0', 'urgent = 0', 'ordinary = 0'])
  })
})

describe('closing', () => {
  test('everything is rejected, and so is what comes later', () => {
    const bench = new Bench({ inFlightRequestsMax: 2 })
    for (const name of ['a', 'b', 'c']) bench.submit(name)
    const stages: string[] = []
    const close = (): void =>
      bench.pipeline.close(({ name }, stage) => {
        stages.push(`${name} ${stage}`)
        return new ClientError('CONNECTION_LOST', name)
      }, new ClientError('CONNECTION_CLOSED', 'later'))
    close()
    close()
    bench.submit('d')
    bench.pipeline.submitUrgent(bench.request('e'))
    assert.deepEqual(stages, ['a answering', 'b sent', 'c waiting'])
    assert.deepEqual(bench.outcomes, [
      'a ! CONNECTION_LOST',
      'b ! CONNECTION_LOST',
      'c ! CONNECTION_LOST',
      'd ! CONNECTION_CLOSED',
      'e ! CONNECTION_CLOSED',
    ])
  })

  test('an answer that cannot be read leaves its request to be rejected', () => {
    const bench = new Bench()
    bench.submit('a', { decode: () => assert.fail('malformed') })
    assert.throws(() => bench.answer(0))
    bench.pipeline.close(
      () => new ClientError('MALFORMED_RESPONSE', 'a'),
      new ClientError('CONNECTION_CLOSED', ''),
    )
    assert.deepEqual(bench.outcomes, ['a ! MALFORMED_RESPONSE'])
  })
})

test('every request has exactly one outcome, whatever happens', () => {
  const step = fc.constantFrom('submit', 'urgent', 'answer', 'answer', 'sweep', 'abandon', 'hold', 'release')
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const bench = new Bench()
      const tickets: ReturnType<Pipeline['submit']>[] = []
      let [made, answered] = [0, 0]
      for (const doing of steps) {
        bench.nowMs += 7
        if (doing === 'submit') tickets.push(bench.submit(`r${made++}`))
        if (doing === 'urgent') bench.pipeline.submitUrgent(bench.request(`r${made++}`))
        if (doing === 'answer' && answered < bench.written.length) bench.answer(answered++)
        if (doing === 'sweep') bench.pipeline.sweep(bench.nowMs, bench.nowMs - 1)
        if (doing === 'abandon') tickets[made % 7]?.abandon(new ClientError('REQUEST_ABORTED', ''))
        if (doing === 'hold') bench.pipeline.hold()
        if (doing === 'release') bench.pipeline.release()
      }
      bench.pipeline.close(
        () => new ClientError('CONNECTION_LOST', ''),
        new ClientError('CONNECTION_LOST', ''),
      )
      const names = bench.outcomes.map((outcome) => outcome.split(' ')[0])
      assert.equal(names.length, made)
      assert.equal(new Set(names).size, made)
    }),
  )
})
