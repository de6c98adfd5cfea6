import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isGenerated, place, read, typescript, written } from './project.ts'

const FILE_LINES_MAX = 500
const FILE_LINES_P90_MAX = 300
/** The formatter breaks code at 110; what it cannot break (texts, comments) may be a little wider. */
const LINE_WIDTH_MAX = 120

const sized = typescript.filter((path) => !isGenerated(path))

test(`no file is longer than ${FILE_LINES_MAX} lines`, () => {
  const long = sized.filter((path) => read(path).lines.length > FILE_LINES_MAX)
  assert.deepEqual(long, [])
})

test(`nine files of ten have at most ${FILE_LINES_P90_MAX} lines`, (context) => {
  const lengths = sized.map((path) => read(path).lines.length).sort((a, b) => a - b)
  const at = (share: number) => lengths[Math.min(lengths.length - 1, Math.floor(lengths.length * share))]!
  context.diagnostic(`${lengths.length} files: median ${at(0.5)}, p90 ${at(0.9)}, longest ${at(1)} lines`)
  assert.ok(at(0.9) <= FILE_LINES_P90_MAX, `p90 is ${at(0.9)}`)
})

test(`no line is wider than ${LINE_WIDTH_MAX}, texts on a line of their own and addresses aside`, () => {
  const wide = written
    .filter((path) => /\.(tsx?|mjs|sh)$|^kmc$/.test(path) && !isGenerated(path))
    .flatMap((path) =>
      read(path).lines.flatMap((line, index) =>
        line.length > LINE_WIDTH_MAX && !isUnbreakable(line) ? [place(path, index)] : [],
      ),
    )
  assert.deepEqual(wide, [])
})

function isUnbreakable(line: string): boolean {
  return /^\s*(\w+: |\[|\w+\()?['"`]/.test(line) || line.includes('://')
}
