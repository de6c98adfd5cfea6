import { glob } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The clone's root folder. */
export const root: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** What a suite needs and how it is bounded. Suites run one after another, in this order. */
export type Suite = {
  readonly name: string
  readonly what: string
  /** `real` suites start brokers; `--unit` leaves them out. The long ones run only when asked for. */
  readonly kind: SuiteKind
  readonly work: FileWork | CommandWork
}

export type SuiteKind = 'unit' | 'real' | LongKind

/** Kinds that run for as long as they are told to. */
export const longKinds = ['chaos', 'failovers', 'switches'] as const
export type LongKind = (typeof longKinds)[number]

/** Test files; `filesAtOnce` of them run side by side, each ended after `fileLimitMs`. */
export type FileWork = {
  readonly globs: readonly string[]
  readonly filesAtOnce: number
  readonly fileLimitMs: number
  /** First port of the clusters that files start; those that run side by side get ranges of their own. */
  readonly portsFrom?: number
  /** What its files print is shown as progress. */
  readonly tells?: true
}

/** Ports of one file that runs beside others. */
export const PORTS_PER_FILE = 400

/** A program whose exit code says it all; it counts as one test. */
export type CommandWork = { readonly program: string; readonly words: readonly string[] }

export const suites: readonly Suite[] = [
  {
    name: 'tidy',
    what: 'sizes, imports, unused code, links, generated pages',
    kind: 'unit',
    work: { globs: ['test/tidy/*.test.ts'], filesAtOnce: 2, fileLimitMs: 60_000 },
  },
  {
    name: 'types',
    what: 'tsc',
    kind: 'unit',
    work: { program: 'node_modules/typescript/bin/tsc', words: ['--noEmit', '--pretty', 'false'] },
  },
  {
    name: 'console-types',
    what: 'tsc, for what runs in browsers',
    kind: 'unit',
    work: {
      program: 'node_modules/typescript/bin/tsc',
      words: ['--noEmit', '--pretty', 'false', '-p', 'console'],
    },
  },
  {
    name: 'lint',
    what: 'biome',
    kind: 'unit',
    work: { program: 'node_modules/@biomejs/biome/bin/biome', words: ['check', '--colors=off', '.'] },
  },
  {
    name: 'unit',
    what: 'tests beside the code, and of the tools',
    kind: 'unit',
    work: {
      globs: [
        'src/**/*.test.ts',
        'console/**/*.test.ts',
        'test/{run,kit,launcher,harness,golden}/**/*.test.ts',
        'test/{chaos,failovers}/*/**/*.test.ts',
        'bench/**/*.test.ts',
      ],
      filesAtOnce: 2,
      fileLimitMs: 120_000,
    },
  },
  {
    name: 'sim',
    what: 'the link on simulated clusters with seeded faults',
    kind: 'unit',
    work: { globs: ['sim/**/*.test.ts'], filesAtOnce: 2, fileLimitMs: 600_000 },
  },
  {
    name: 'real',
    what: 'against Apache Kafka itself',
    kind: 'real',
    // More at once than cores: most of their time goes into waiting for brokers to start, to die and to come back.
    work: {
      globs: ['test/real/**/*.test.ts'],
      filesAtOnce: Math.min(3, availableParallelism() + 1),
      // The whole run has a limit of its own; this one is for files that hang.
      fileLimitMs: 480_000,
      portsFrom: 21_000,
    },
  },
  {
    name: 'browser',
    what: 'the console in Chromium',
    kind: 'real',
    work: { globs: ['test/browser/*.test.ts'], filesAtOnce: 1, fileLimitMs: 240_000, portsFrom: 21_000 },
  },
  longSuite('chaos', 'kills, pauses, networks and disks that fail, for as long as --limit says'),
  longSuite('failovers', 'the primary of a route killed at random moments, and what was lost counted'),
  longSuite('switches', 'clients of every kind moved there and back, between clusters of several kinds'),
]

function longSuite(name: LongKind, what: string): Suite {
  const globs = [`test/${name}/*.test.ts`]
  const work = {
    globs,
    filesAtOnce: 1,
    fileLimitMs: 24 * 60 * 60_000,
    portsFrom: 21_000,
    tells: true,
  } as const
  return { name, what, kind: name, work }
}

export function isLongKind(kind: string): kind is LongKind {
  return (longKinds as readonly string[]).includes(kind)
}

/** The files of a suite, relative to the root and sorted; a command has none. */
export async function filesOf(suite: Suite): Promise<string[]> {
  if (!('globs' in suite.work)) return []
  const files = new Set<string>()
  for await (const file of glob(suite.work.globs.map((pattern) => join(root, pattern)))) {
    files.add(relative(root, file).split(sep).join('/'))
  }
  return [...files].sort()
}

export type Selection = {
  /** Names of suites or parts of file paths; empty takes all. */
  readonly only: readonly string[]
  /** `all` is what a plain run has: everything but what takes long. */
  readonly kind: SuiteKind | 'all'
}

export type ChosenSuite = { readonly suite: Suite; readonly files: readonly string[] }

/** The suites and files that were asked for; suites without a file left are dropped. */
export async function choose(selection: Selection): Promise<ChosenSuite[]> {
  const chosen: ChosenSuite[] = []
  for (const suite of suites) {
    if (selection.kind === 'all' ? isLongKind(suite.kind) : suite.kind !== selection.kind) continue
    const isNamed = selection.only.length === 0 || selection.only.includes(suite.name)
    const files = (await filesOf(suite)).filter(
      (file) => isNamed || selection.only.some((part) => file.includes(part)),
    )
    if (files.length > 0 || (isNamed && 'program' in suite.work)) chosen.push({ suite, files })
  }
  return chosen
}
