import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isGenerated, place, read, typescript } from './project.ts'

const EQUAL_LINES_MAX = 5
/** Six short lines (brackets, single words, the opening of a test file) are equal by chance. */
const EQUAL_CHARACTERS_MIN = 200

type Line = { readonly text: string; readonly index: number }

/** Lines that carry meaning: no imports, no comments, nothing empty. */
function meaningful(path: string): Line[] {
  return read(path)
    .lines.map((line, index) => ({ text: line.trim(), index }))
    .filter(({ text }) => text !== '' && !/^(import\b|\} from |\/\/|\*|\/\*)/.test(text))
}

/** Longest run of equal lines from two places on. */
function runLength(left: readonly Line[], right: readonly Line[], from: number, to: number): number {
  let length = 0
  while (left[from + length] && left[from + length]!.text === right[to + length]?.text) length += 1
  return length
}

test(`no ${EQUAL_LINES_MAX + 1} equal lines stand in two places`, () => {
  const files = new Map(
    typescript.filter((path) => !isGenerated(path)).map((path) => [path, meaningful(path)] as const),
  )
  const seen = new Map<string, { path: string; at: number }>()
  const found: string[] = []
  for (const [path, lines] of files) {
    let skipUntil = 0
    for (let at = 0; at + EQUAL_LINES_MAX < lines.length; at += 1) {
      const window = lines.slice(at, at + EQUAL_LINES_MAX + 1).map(({ text }) => text)
      const key = window.join('\n')
      if (key.length < EQUAL_CHARACTERS_MIN) continue
      const first = seen.get(key)
      if (first === undefined) seen.set(key, { path, at })
      else if (at >= skipUntil) {
        const other = files.get(first.path)!
        const length = runLength(other, lines, first.at, at)
        skipUntil = at + length
        found.push(
          `${length} lines: ${place(first.path, other[first.at]!.index)} = ${place(path, lines[at]!.index)}`,
        )
      }
    }
  }
  assert.deepEqual(found, [])
})
