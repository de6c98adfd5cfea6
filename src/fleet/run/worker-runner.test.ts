import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { silentLog } from '../../base/log.ts'
import type { LinkSpec } from '../../link/spec.ts'
import type { LinkStatus } from '../../link/status.ts'
import type { WorkerExit } from '../../link/worker/spawn.ts'
import { FENCED_DELAY_MS, RESTART_DELAY_MIN_MS } from './restart-policy.ts'
import { type WorkerProcess, WorkerRunner } from './worker-runner.ts'

const spec = { name: 'dr' } as LinkSpec

class PretendWorker implements WorkerProcess<LinkStatus> {
  readonly pid: number
  stopped = false
  #exit: (exit: WorkerExit) => void = () => undefined
  #status: (status: LinkStatus) => void = () => undefined

  constructor(pid: number) {
    this.pid = pid
  }
  onStatus(listener: (status: LinkStatus) => void): void {
    this.#status = listener
  }
  onExit(listener: (exit: WorkerExit) => void): void {
    this.#exit = listener
  }
  async stop(): Promise<void> {
    this.stopped = true
    this.#exit({ code: 0, signal: null, reason: null })
  }
  kill(signal: NodeJS.Signals): void {
    this.#exit({ code: null, signal, reason: null })
  }
  say(status: LinkStatus): void {
    this.#status(status)
  }
  end(exit: WorkerExit): void {
    this.#exit(exit)
  }
}

function setUp(t: TestContext, spawn?: () => WorkerProcess<LinkStatus>) {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: 1_000_000 })
  const workers: PretendWorker[] = []
  const own = () => {
    workers.push(new PretendWorker(100 + workers.length))
    return workers.at(-1)!
  }
  const runner = new WorkerRunner('dr', {
    kind: 'link',
    spec: async () => spec,
    spawn: spawn ?? own,
    log: silentLog,
    random: () => 0,
  })
  /** Lets time pass, and what was begun in it come to an end. */
  const tick = async (ms: number) => {
    t.mock.timers.tick(ms)
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
  }
  return { runner, workers, tick }
}

test('a killed worker is started again after the first delay, and its last status is kept', async (t) => {
  const { runner, workers, tick } = setUp(t)
  runner.start()
  await tick(0)
  const status = { link: 'dr' } as LinkStatus
  workers[0]!.say(status)
  workers[0]!.kill('SIGKILL')
  assert.deepEqual(
    [runner.worker.state, runner.worker.pid, runner.worker.nextStartAt],
    ['waiting', null, 1_000_250],
  )
  assert.match(runner.trouble!.message, /SIGKILL/)
  assert.equal(runner.status, status)
  await tick(RESTART_DELAY_MIN_MS)
  assert.deepEqual([runner.worker.state, runner.worker.pid, runner.worker.restarts], ['running', 101, 1])
  assert.equal(runner.trouble, null)
})

test('a fenced worker waits long and says who has the link', async (t) => {
  const { runner, workers, tick } = setUp(t)
  runner.start()
  await tick(0)
  workers[0]!.end({ code: 3, signal: null, reason: 'FENCED: worker w7 on host h' })
  assert.equal(runner.trouble!.code, 'FENCED')
  assert.match(runner.trouble!.message, /w7 on host h/)
  await tick(FENCED_DELAY_MS - 1)
  assert.equal(workers.length, 1)
  await tick(1)
  assert.equal(workers.length, 2)
})

test('a worker whose link was deleted is not started again', async (t) => {
  const { runner, workers, tick } = setUp(t)
  runner.start()
  await tick(0)
  workers[0]!.end({ code: 0, signal: null, reason: null })
  await tick(1_000_000)
  assert.deepEqual([runner.worker.state, workers.length, runner.trouble], ['stopped', 1, null])
})

test('stop ends the worker, or the wait for the next one, for good', async (t) => {
  const { runner, workers, tick } = setUp(t)
  runner.start()
  await tick(0)
  await runner.stop()
  assert.ok(workers[0]!.stopped)
  await tick(1_000_000)
  assert.equal(workers.length, 1)

  runner.start()
  await tick(0)
  workers[1]!.kill('SIGKILL')
  await runner.stop()
  await tick(1_000_000)
  assert.deepEqual([workers.length, runner.worker.state], [2, 'stopped'])
})

test('a process that cannot be made counts as an end and is tried again', async (t) => {
  let tries = 0
  const { runner, tick } = setUp(t, () => {
    tries += 1
    throw new Error('fork: no memory')
  })
  runner.start()
  await tick(0)
  assert.match(runner.trouble!.message, /no memory/)
  await tick(RESTART_DELAY_MIN_MS)
  assert.equal(tries, 2)
})

test('a worker that falls silent is told of, and killed when it stays so', async (t) => {
  const { runner, workers, tick } = setUp(t)
  runner.start()
  await tick(0)
  assert.equal(runner.isCurrent, false)
  workers[0]!.say({ link: 'dr' } as LinkStatus)
  assert.equal(runner.isCurrent, true)
  await tick(19_000)
  assert.equal(runner.trouble?.code, undefined)
  await tick(6_000)
  assert.equal(runner.trouble?.code, 'WORKER_SILENT')
  await tick(100_000)
  assert.equal(runner.worker.state, 'waiting')
  assert.equal(runner.isCurrent, false)
  await tick(RESTART_DELAY_MIN_MS)
  assert.equal(workers.length, 2)
})
