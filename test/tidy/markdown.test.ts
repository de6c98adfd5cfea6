import assert from 'node:assert/strict'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { test } from 'node:test'
import { root } from '../run/suites.ts'
import { markdown, paths, place, read } from './project.ts'

const ROOM_README_LINES_MAX = 60

/** The lines of a page that are not inside a fenced block, with their numbers. */
function prose(path: string): { line: string; index: number }[] {
  let isFenced = false
  return read(path).lines.flatMap((line, index) => {
    if (/^\s*(```|~~~)/.test(line)) isFenced = !isFenced
    return isFenced ? [] : [{ line, index }]
  })
}

function headings(path: string): string[] {
  return prose(path).flatMap(({ line }) => /^#{1,6} (.+)$/.exec(line)?.[1] ?? [])
}

/** The anchor that renderers make of a heading: lower case, no punctuation, spaces as hyphens. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[`*]/g, '')
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')
}

test('every page has exactly one title', () => {
  const wrong = markdown.filter((path) => prose(path).filter(({ line }) => /^# /.test(line)).length !== 1)
  assert.deepEqual(wrong, [])
})

test('links between pages lead somewhere', () => {
  const broken = markdown.flatMap((path) =>
    prose(path).flatMap(({ line, index }) =>
      [...line.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)]
        .map(([, target]) => target!)
        .filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(path, target))
        .map((target) => `${place(path, index)} ${target}`),
    ),
  )
  assert.deepEqual(broken, [])
})

function leadsSomewhere(path: string, link: string): boolean {
  const [file, anchor] = link.split('#') as [string, string | undefined]
  const target = file === '' ? path : posix.join(posix.dirname(path), file)
  if (!existsSync(join(root, target))) return false
  if (anchor === undefined || !target.endsWith('.md')) return true
  return headings(target).some((heading) => anchorOf(heading) === anchor)
}

test('every room has a short README', () => {
  const rooms = readdirSync(join(root, 'src')).filter((name) =>
    statSync(join(root, 'src', name)).isDirectory(),
  )
  const missing = rooms.filter((room) => !paths.includes(`src/${room}/README.md`))
  const long = markdown.filter(
    (path) => /^src\/[^/]+\/README\.md$/.test(path) && read(path).lines.length > ROOM_README_LINES_MAX,
  )
  assert.deepEqual({ missing, long }, { missing: [], long: [] })
})
