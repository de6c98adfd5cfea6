import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MirrorNotes } from './notes.ts'

const options = { link: 'dr', topic: 't', mirror: 't', producerId: 7, save: async () => {} }
const beginning = { sourceTopicId: 'source', start: [0], withheld: {} }

test('what was answered is known at every moment while a mirror is made again', async () => {
  const notes = new MirrorNotes(null, options)
  await notes.stands(beginning, 'first')
  const answer = { intent: 'reseed', outcome: 'working', text: 'deleting the mirror', at: 1 } as const
  await notes.answers(answer)
  notes.forget()
  assert.deepEqual(notes.answer, answer)
  await notes.begins(beginning)
  assert.deepEqual(notes.answer, answer)
  await notes.stands(beginning, 'second')
  assert.deepEqual(notes.answer, answer)
})
