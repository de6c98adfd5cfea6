import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { readText } from '../../../test/kit/read-text.ts'
import { LiveArea } from './progress.ts'

function screen(isTTY: boolean): { stream: PassThrough; text: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 20 })
  return { stream, text: () => readText(stream) }
}

test('on a terminal the lines are drawn over the old ones, fitted to the width', () => {
  const { stream, text } = screen(true)
  const area = new LiveArea(stream)
  area.draw(['one', 'a line that is too long for it'])
  assert.equal(text(), 'one\na line that is too…\n')
  area.print('done')
  assert.equal(text(), '\r\u001b[2A\u001b[0Jdone\none\na line that is too…\n')
  area.clear()
  assert.equal(text(), '\r\u001b[2A\u001b[0J')
})

test('many draws become few, and the newest is shown', async () => {
  const { stream, text } = screen(true)
  const area = new LiveArea(stream)
  for (let count = 0; count <= 100; count += 1) area.draw([`${count}`])
  await new Promise((done) => setTimeout(done, 250))
  const drawn = text()
  assert.match(drawn, /100\n$/)
  assert.ok(drawn.split('\n').length < 6)
})

test('a pipe sees finished lines only', () => {
  const { stream, text } = screen(false)
  const area = new LiveArea(stream)
  area.draw(['half'])
  area.print('done')
  area.clear()
  assert.equal(text(), 'done\n')
})
