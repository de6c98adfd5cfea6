import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommitWindow, windowDefaults, withEnd } from './window.ts'

const NOW = 1_000_000_000

test('the last ten commits are kept, each with the lag of its time', () => {
  const window = new CommitWindow()
  for (let at = 0; at < 15; at++) window.note(at, NOW + at, 20, NOW)
  assert.deepEqual(
    window.commits.map(({ offset }) => offset),
    [5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
  )
  assert.deepEqual(window.commits.at(-1), { offset: 14, at: NOW + 14, lag: 6 })
})

test('a group ahead of the last look at the end has no lag; without a look it is not known', () => {
  const window = new CommitWindow()
  window.note(30, NOW, 20, NOW)
  window.note(31, NOW + 1, null, NOW)
  assert.deepEqual(
    window.commits.map(({ lag }) => lag),
    [0, null],
  )
})

test('a commit that follows too soon takes the place of the last and keeps its time', () => {
  const window = new CommitWindow({ ...windowDefaults, minDistanceMs: 1_000 })
  window.note(1, NOW, 20, NOW)
  window.note(2, NOW + 900, 20, NOW)
  window.note(3, NOW + 999, 20, NOW)
  assert.deepEqual(window.commits, [{ offset: 3, at: NOW, lag: 17 }])
  window.note(4, NOW + 1_000, 20, NOW)
  assert.deepEqual(
    window.commits.map(({ offset }) => offset),
    [3, 4],
  )
})

test('what is older than a week is not taken in', () => {
  const window = new CommitWindow()
  window.note(1, NOW - windowDefaults.expireMs - 1, 20, NOW)
  assert.deepEqual(window.commits, [])
})

test('the last ten looks at the end are kept', () => {
  let ends: readonly number[] = []
  for (let end = 0; end < 12; end++) ends = withEnd(ends, end)
  assert.deepEqual(ends, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
})
