import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonLog } from './json-log.ts'
import { Secret } from './secret.ts'

function logged(level: string | undefined, write: (log: ReturnType<typeof jsonLog>) => void): object[] {
  const lines: string[] = []
  write(jsonLog({ write: (text) => lines.push(text) }, { level, base: { link: 'dr' } }))
  return lines.map((line) => {
    assert.ok(line.endsWith('\n') && line.indexOf('\n') === line.length - 1, 'one line each')
    return JSON.parse(line)
  })
}

test('a line holds level, time, what all lines hold, the fields and the message', () => {
  const before = Date.now()
  const [line] = logged('info', (log) => log.warn({ offset: 7n, why: 'a\nb' }, 'fetch failed')) as [
    { time: number },
  ]
  assert.ok(line.time >= before && line.time <= Date.now())
  assert.deepEqual(line, {
    level: 40,
    time: line.time,
    link: 'dr',
    offset: '7',
    why: 'a\nb',
    msg: 'fetch failed',
  })
})

test('what is below the level is left out', () => {
  const all = (log: ReturnType<typeof jsonLog>) => {
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level]({}, level)
  }
  const shown = (level: string | undefined) => logged(level, all).map((line) => (line as { msg: string }).msg)
  assert.deepEqual(shown('debug'), ['debug', 'info', 'warn', 'error'])
  assert.deepEqual(shown('error'), ['error'])
  assert.deepEqual(shown('silent'), [])
  for (const level of [undefined, 'loud']) assert.deepEqual(shown(level), ['info', 'warn', 'error'])
})

test('a secret stays one', () => {
  const [line] = logged('info', (log) => log.info({ password: new Secret('hunter2') }, 'x'))
  assert.ok(!JSON.stringify(line).includes('hunter2'))
})
