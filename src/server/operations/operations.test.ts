import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KmcError } from '../../base/error.ts'
import { silentLog } from '../../base/log.ts'
import { CourseSteps } from './course-work.ts'
import { Operations, type OperationWork } from './operations.ts'

const work = (run: OperationWork['run']): OperationWork => {
  return { action: 'mirror.pause', about: { kind: 'link', name: 'dr' }, by: 'ada', run }
}

test('who follows an operation sees its last state, whatever was missed, and then the end', async () => {
  await using operations = new Operations(silentLog)
  const go = Promise.withResolvers<void>()
  const { operation, ended } = operations.start(
    work(async ({ note }) => {
      await go.promise
      for (let at = 0; at < 300; at++) note(`note ${at}`)
      return 17
    }),
  )
  const seen: string[] = []
  const following = (async () => {
    for await (const { state, notes } of operations.follow(operation.id, AbortSignal.timeout(60_000))) {
      seen.push(`${state} ${notes.length}`)
    }
  })()
  go.resolve()
  assert.equal(await ended, 17)
  await following
  assert.equal(seen.at(-1), 'done 100', 'only the newest notes are kept')
  assert.ok(seen.length < 300)
})

test('what fails says why; of a bug nothing is told', async () => {
  await using operations = new Operations(silentLog)
  const failing = async (error: Error) => {
    const { operation, ended } = operations.start(work(() => Promise.reject(error)))
    await assert.rejects(ended, error)
    return operations.get(operation.id).error
  }
  assert.deepEqual(await failing(new KmcError('TOPIC_BUSY', 'not now', { remedy: 'Wait.' })), {
    ...{ code: 'TOPIC_BUSY', message: 'not now', remedy: 'Wait.' },
  })
  assert.equal((await failing(new Error('the password is tiger')))?.code, 'INTERNAL')
})

test('so many run at a time, and of those that ended the oldest are forgotten', async () => {
  await using operations = new Operations(silentLog)
  const first = operations.start(work(async () => null))
  await first.ended
  await new Promise(setImmediate)
  const untilClosed = (_: unknown, signal: AbortSignal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  for (let at = 0; at < 32; at++) {
    const { ended } = operations.start(work(untilClosed))
    ended.catch(() => {})
  }
  assert.throws(() => operations.start(work(async () => null)), { code: 'OPERATIONS_BUSY' })
  assert.equal(operations.list().length, 33)
  assert.throws(() => operations.get('nobody'), { code: 'OPERATION_UNKNOWN' })
})

test('steps of a course are told as they go', () => {
  const steps = new CourseSteps('failover')
  assert.ok(steps.list.every(({ state }) => state === 'waiting'))
  steps.hear({ kind: 'begins', step: 'warm' }, 100)
  steps.hear({ kind: 'ends', step: 'warm', note: 'it answers', ms: 40 }, 150)
  steps.hear({ kind: 'begins', step: 'park' }, 150)
  steps.hear({ kind: 'goes on', step: 'park', note: 'one gateway of two' }, 160)
  steps.hear({ kind: 'fails', step: 'park', error: null }, 170)
  assert.deepEqual(steps.list.slice(0, 2), [
    { name: 'warm', state: 'done', note: 'it answers', startedAt: 110, endedAt: 150 },
    { name: 'park', state: 'failed', note: 'one gateway of two', startedAt: 150, endedAt: 170 },
  ])
})
