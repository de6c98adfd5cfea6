import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Import, importsOf } from './modules.ts'
import { isTest, place, typescript } from './project.ts'

/** What each room may import besides itself (design: imports go one way). */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  wire: ['base'],
  client: ['base', 'wire'],
  engine: ['base'],
  link: ['base', 'wire', 'client'],
  observe: ['base', 'wire', 'client'],
  gateway: ['base', 'wire', 'client'],
  failover: ['base', 'wire', 'client', 'link', 'observe', 'gateway'],
  fleet: ['base', 'wire', 'client', 'link', 'observe', 'gateway', 'failover', 'engine'],
  server: ['base', 'wire', 'client', 'link', 'observe', 'gateway', 'failover', 'engine', 'fleet'],
  cli: ['base', 'wire', 'client', 'link', 'observe', 'gateway', 'failover', 'engine', 'fleet', 'server'],
}

/** Code that must run the same in a simulation: no sockets, no files, no processes. */
const pure: readonly { readonly under: string; readonly except?: string }[] = [
  { under: 'src/wire/', except: 'src/wire/generate/' },
  { under: 'src/link/copier/' },
  { under: 'src/gateway/frames/' },
  { under: 'src/gateway/rewrite/' },
  { under: 'src/gateway/state/' },
]
const ioModules = /^node:(net|tls|http|https|fs|fs\/promises|child_process|dgram|dns|worker_threads|cluster)$/

const sources = typescript.filter((path) => path.startsWith('src/'))
const edges = sources.flatMap((path) => importsOf(path).map((entry) => ({ path, ...entry })))

const roomOf = (path: string): string => path.split('/')[1]!

test('every room is known', () => {
  const unknown = new Set(sources.map(roomOf).filter((room) => !(room in mayImport)))
  assert.deepEqual([...unknown], [])
})

test('rooms import to the left only', () => {
  const wrong = edges.filter(({ path, target }) => target !== null && !isAllowed(path, target)).map(describe)
  assert.deepEqual(wrong, [])
})

function isAllowed(path: string, target: string): boolean {
  if (!target.startsWith('src/')) {
    // The manifest holds the version; tests may use the tests' kit; two commands run what stands beside src.
    const isEntry = /^src\/cli\/commands\/(test|bench|sim)\.ts$/.test(path)
    return target === 'package.json' || isEntry || (isTest(path) && target.startsWith('test/kit/'))
  }
  return roomOf(path) === roomOf(target) || mayImport[roomOf(path)]!.includes(roomOf(target))
}

test('what runs in browsers takes nothing but types from the rooms', () => {
  const wrong = typescript
    .filter((path) => path.startsWith('console/'))
    .flatMap((path) => importsOf(path).map((entry) => ({ path, ...entry })))
    .filter(({ target, typeOnly }) => target?.startsWith('console/') === false && !typeOnly)
  assert.deepEqual(wrong.map(describe), [])
})

test('pure code does no input or output', () => {
  const wrong = edges.filter(
    ({ path, specifier }) =>
      !isTest(path) &&
      ioModules.test(specifier) &&
      pure.some(({ under, except }) => path.startsWith(under) && !(except && path.startsWith(except))),
  )
  assert.deepEqual(wrong.map(describe), [])
})

test('nobody imports a test', () => {
  const wrong = edges.filter(({ target }) => target !== null && isTest(target))
  assert.deepEqual(wrong.map(describe), [])
})

test('no file imports itself through others', () => {
  const graph = new Map<string, string[]>()
  for (const path of sources) {
    const targets = importsOf(path).filter(({ target, typeOnly, dynamic }) => target && !typeOnly && !dynamic)
    graph.set(
      path,
      targets.map(({ target }) => target!),
    )
  }
  assert.deepEqual(cyclesOf(graph), [])
})

function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
    if (done.has(path) || trail.includes(path)) return
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return cycles
}

function describe(edge: Import & { readonly path: string }): string {
  return `${place(edge.path, edge.line)} imports ${edge.specifier}`
}
