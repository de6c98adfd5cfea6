import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { assertCode } from '../../../test/kit/assert-code.ts'
import { silentLog } from '../../base/log.ts'
import type { Fact } from '../../observe/alerts/fact.ts'
import type { Notification } from '../../observe/alerts/message.ts'
import type { AlertRule } from '../../observe/alerts/rules.ts'
import { AlertDesk } from './desk.ts'
import { type DeskMemory, readMemory, writeMemory } from './memory.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const rule: AlertRule = {
  ...{ name: 'late', title: 'It is late', remedy: 'Hurry up', severity: 'warning', kind: 'link-lag-seconds' },
  ...{ above: 10, holdMs: MINUTE, clearMs: 0, repeatMs: 60 * MINUTE },
}
const subject = { link: 'dr' }

/** A desk whose time and facts the test makes; nothing in it looks by itself after the first look. */
function world(memory?: DeskMemory, begin: { now?: number } = {}) {
  const told: [string, Notification][] = []
  const state = {
    ...{ now: 1_800_000_000_000, value: null as number | null, isDown: false, ...begin },
    saved: null as DeskMemory | null,
  }
  const receiver = (name: string) => ({
    name,
    async send(notification: Notification, signal: AbortSignal) {
      if (state.isDown) {
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      }
      told.push([name, notification])
    },
  })
  const desk = new AlertDesk({
    rules: [rule],
    receivers: [receiver('ops'), receiver('chat')],
    tell: [{ to: ['ops'] }, { to: ['chat'], severity: 'critical' }],
    facts: (at): Fact[] => [{ kind: 'link-lag-seconds', subject, value: state.value, at }],
    ...(memory === undefined ? {} : { memory }),
    save: async (kept) => {
      state.saved = JSON.parse(JSON.stringify(kept)) as DeskMemory
    },
    log: silentLog,
    clock: {
      now: () => state.now,
      sleep: (_, signal) => new Promise((resolve) => signal?.addEventListener('abort', () => resolve())),
      after: () => () => {},
    },
  })
  const look = async (value: number | null, afterMs: number) => {
    Object.assign(state, { value, now: state.now + afterMs })
    await desk.look()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const words = () => told.map(([name, { events }]) => [name, ...events.map(({ what }) => what)].join(' '))
  return { desk, state, look, words }
}

test('what fires is told to whom it is for, once, and again when it is over', async () => {
  const { desk, look, words } = world()
  await look(11, 0)
  assert.deepEqual([words(), desk.alerts()[0]?.state], [[], 'pending'])
  await look(12, MINUTE)
  await look(13, SECOND)
  assert.deepEqual(words(), ['ops firing'])
  await look(1, SECOND)
  assert.deepEqual(words(), ['ops firing', 'ops recovered'])
  assert.deepEqual(
    desk.events().map(({ what }) => what),
    ['recovered', 'firing'],
  )
})

test('a restart repeats nothing, and tells what could not be told before', async () => {
  const first = world()
  await first.look(11, 0)
  first.state.isDown = true
  await first.look(11, MINUTE)
  assert.deepEqual(first.words(), [])
  const second = world(first.state.saved!, { now: first.state.now })
  await second.look(11, 20 * MINUTE)
  assert.deepEqual(second.words(), ['ops firing'])
  assert.equal(second.desk.alerts()[0]?.since, first.desk.alerts()[0]?.since)
  await second.look(11, SECOND)
  const third = world(second.state.saved!, { now: second.state.now })
  await third.look(11, MINUTE)
  await third.look(null, 30 * MINUTE)
  await third.look(1, SECOND)
  assert.deepEqual(third.words(), ['ops recovered'])
})

test('what waits at the end of a desk is told by the next one, and only by that', async () => {
  const first = world()
  await first.look(11, 0)
  first.state.isDown = true
  await first.look(11, MINUTE)
  first.state.isDown = false
  await first.desk[Symbol.asyncDispose]()
  const second = world(first.state.saved!, { now: first.state.now })
  await second.look(11, SECOND)
  assert.deepEqual([first.words(), second.words()], [[], ['ops firing']])
  assert.deepEqual(second.state.saved?.waiting, { ops: [], chat: [] }, 'written down as soon as it was taken')
})

test('a silence is kept and can be ended; a test goes to one receiver and leaves no trace', async () => {
  const { desk, look, words, state } = world()
  const until = state.now + 10 * MINUTE
  const { id } = await desk.silence({ subject: { link: 'd*' }, until, by: 'ann', why: 'works' })
  assert.equal(state.saved?.silences[0]?.id, id)
  await look(11, 0)
  await look(11, MINUTE)
  assert.deepEqual([words(), desk.alerts()[0]?.isSilenced], [[], true])
  assert.equal((await desk.unsilence(id)).why, 'works')
  await assert.rejects(desk.unsilence(id), (error: Error) => assertCodeOf(error, 'RESOURCE_NOT_FOUND'))
  await look(11, SECOND)
  await desk.test('chat', 'ann', AbortSignal.timeout(1_000))
  assert.deepEqual(words(), ['ops firing', 'chat test'])
  assert.equal(desk.events().length, 1)
  await assert.rejects(desk.test('pager', 'ann', AbortSignal.timeout(1_000)), /no receiver pager/)
})

function assertCodeOf(error: unknown, code: string): boolean {
  assertCode(code, () => {
    throw error
  })
  return true
}

test('memory is a private file; one that cannot be read is put aside', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kmc-alerts-'))
  const path = join(folder, 'alerts.json')
  assert.deepEqual(readMemory(path, silentLog).held, [])
  const memory = { held: [], silences: [], waiting: { ops: [{ at: 1, events: [] }] }, events: [] }
  await writeMemory(path, memory)
  assert.deepEqual(readMemory(path, silentLog), memory)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  writeFileSync(path, '{"format":1,"held":[')
  assert.deepEqual(readMemory(path, silentLog).waiting, {})
  assert.deepEqual(readdirSync(folder), ['alerts.json.damaged'])
})
