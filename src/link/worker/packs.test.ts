import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { LinkSpec } from '../spec.ts'
import type { LinkStatus } from '../status.ts'
import type { LinkWorker } from './pack.ts'
import { LinkPacks } from './packs.ts'
import type { WorkerExit } from './spawn.ts'

const folder = mkdtempSync(join(tmpdir(), 'kmc-packs-'))
after(() => rmSync(folder, { recursive: true }))
// Workers inherit the flags of their parent.
process.execArgv.push(`--import=${new URL('./testing/pretend-links.ts', import.meta.url)}`)

const logFile = (name: string) => join(folder, `${name}.log`)

function start(packs: LinkPacks, name: string, more: Partial<LinkSpec> = {}) {
  const worker = packs.spawn({ name, ...more } as LinkSpec, { logFile: logFile(name) })
  const { promise: ended, resolve } = Promise.withResolvers<WorkerExit>()
  worker.onExit(resolve)
  return { worker, ended }
}

const heard = (worker: LinkWorker) => new Promise<LinkStatus>((resolve) => worker.onStatus(resolve))
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('links share a process, each ends by itself, and the process ends with the last', async () => {
  const packs = new LinkPacks({ spread: 1 })
  const [one, two] = [start(packs, 'one'), start(packs, 'two')]
  assert.equal(one.worker.pid, two.worker.pid)
  const statuses = await Promise.all([heard(one.worker), heard(two.worker)])
  assert.deepEqual(
    statuses.map(({ link }) => link),
    ['one', 'two'],
  )
  await one.worker.stop()
  assert.deepEqual(await one.ended, { code: 0, signal: null, reason: null })
  await heard(two.worker)
  await two.worker.stop()
  assert.ok(!isAlive(two.worker.pid))
})

test('what a link throws ends that link alone, with its words in its own log', async () => {
  const packs = new LinkPacks({ spread: 1 })
  const good = start(packs, 'good')
  for (const [name, words] of [
    ['throws', 'nobody catches this'],
    ['rejects', 'nobody awaits this'],
  ] as const) {
    const bad = start(packs, name)
    assert.equal(bad.worker.pid, good.worker.pid)
    assert.deepEqual(await bad.ended, { code: 1, signal: null, reason: `BUG: ${words}` })
    assert.match(readFileSync(logFile(name), 'utf8'), new RegExp(`"link":"${name}".*${words}`))
  }
  await heard(good.worker)
  const again = start(packs, 'again')
  assert.equal(again.worker.pid, good.worker.pid)
  await Promise.all([good.worker.stop(), again.worker.stop()])
})

test('a link that does not end when it is to is given up, and the others go on', async () => {
  const packs = new LinkPacks({ spread: 1 })
  const [good, hangs] = [start(packs, 'good'), start(packs, 'hangs')]
  await heard(hangs.worker)
  await hangs.worker.stop()
  assert.deepEqual(await hangs.ended, { code: 0, signal: null, reason: null })
  await heard(good.worker)
  await good.worker.stop()
})

test('after a crash of their process links are started alone, until they were stopped in order', async () => {
  const packs = new LinkPacks({ spread: 1 })
  const [one, two] = [start(packs, 'one'), start(packs, 'crashes')]
  for (const { ended } of [one, two]) assert.deepEqual(await ended, { code: 9, signal: null, reason: null })
  const [alone, other] = [start(packs, 'one'), start(packs, 'other')]
  assert.notEqual(alone.worker.pid, other.worker.pid)
  await alone.worker.stop()
  const back = start(packs, 'one')
  assert.equal(back.worker.pid, other.worker.pid)
  await Promise.all([back.worker.stop(), other.worker.stop()])
})

test('a process that somebody killed says nothing of its links: they share the next one', async () => {
  const packs = new LinkPacks({ spread: 1 })
  const before = [start(packs, 'one'), start(packs, 'two')]
  before[0]!.worker.kill('SIGKILL')
  for (const { ended } of before) assert.equal((await ended).signal, 'SIGKILL')
  const [one, two] = [start(packs, 'one'), start(packs, 'two')]
  assert.equal(one.worker.pid, two.worker.pid)
  await Promise.all([one.worker.stop(), two.worker.stop()])
})

test('links are spread first, then put together, sixteen at most; several workers want a process', async () => {
  const packs = new LinkPacks({ spread: 2 })
  const links = Array.from({ length: 34 }, (_, index) => start(packs, `link-${index}`))
  const wide = start(packs, 'wide', { workers: 2 })
  const pids = Map.groupBy(links, ({ worker }) => worker.pid)
  assert.deepEqual(
    [...pids.values()].map(({ length }) => length),
    [16, 16, 2],
  )
  assert.ok(!pids.has(wide.worker.pid))
  wide.worker.kill('SIGKILL')
  await Promise.all([wide.ended, ...links.map(({ worker }) => worker.stop())])
})

test('a link that is gone leaves, and is told as ended', async () => {
  const { ended } = start(new LinkPacks(), 'deleted')
  assert.deepEqual(await ended, { code: 0, signal: null, reason: null })
})
