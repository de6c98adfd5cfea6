import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { openFleet } from '../../fleet/apply/open-fleet.ts'
import { linkSpec } from '../../fleet/file/access.ts'
import type { FleetStatus } from '../../fleet/run/fleet-status.ts'
import { clusterConfig } from '../../fleet/run/resolve-clusters.ts'
import { findSupervisor } from '../../server/find-supervisor.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { DEMO_LINK, type DemoPlace, demoPlace, prepareDemo } from '../demo/demo-fleet.ts'
import { DemoScreen } from '../demo/demo-screen.ts'
import { type StoryResult, tellStory, verdicts } from '../demo/story.ts'
import { cliError } from '../errors.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { formatDuration, parseDuration } from '../terminal/units.ts'
import { engineLine } from '../up/start-lines.ts'
import { supervise, type Watcher } from '../up/supervise.ts'
import { verdictExitCode, verdictLine } from './verify.ts'

type DemoOptions = { readonly duration?: string; readonly reset?: true }

export const demo: CommandDefinition<DemoOptions> = {
  description:
    'Starts two Apache Kafka clusters on this machine, seoul and virginia, joins them by an exact link, lets a small shop ' +
    'write to seoul, kills the worker of the link with kill -9, and shows that virginia holds the same records at the ' +
    'same offsets. Everything stands in .kmc/demo; records of earlier runs stay. Nothing runs on afterwards.',
  examples: [
    ['kmc demo', 'until Ctrl-C'],
    ['kmc demo --duration 30s', 'ends by itself; exit code 0 when both sides are equal'],
  ],
  configure: (command) =>
    command
      .option('--duration <duration>', 'end by itself after this')
      .option('--reset', 'begin without the records of earlier runs'),
  stopMs: 120_000,
  async run(context, options) {
    const durationMs = options.duration === undefined ? null : parseDuration(options.duration, '--duration')
    const place = demoPlace(process.cwd())
    const running = findSupervisor(place.directory)
    if (running !== null) throw alreadyRunning(place, running.pid)
    const screen = new DemoScreen(context.out)
    screen.heading(
      'Kafka Multi Cluster',
      'Two Apache Kafka clusters, joined by an exact link: the same records at the same offsets.',
    )
    screen.progress('getting ready')
    await prepareDemo(place, { reset: options.reset === true })
    const result = await play(context, place, screen, durationMs)
    return await conclude(context, place, screen, result)
  },
}

function alreadyRunning({ file }: DemoPlace, pid: number) {
  const message = `the demo's clusters are already run by process ${pid}`
  return cliError('DEMO_RUNNING', message, {
    remedy: `End it first: ${launcher()} down -f ${shown(file)}`,
    context: { pid },
  })
}

async function play(
  { signal }: CommandContext,
  place: DemoPlace,
  screen: DemoScreen,
  durationMs: number | null,
): Promise<StoryResult | null> {
  const loaded = await openFleet(place.file)
  const access = (name: string) => clusterConfig(loaded.fleet.clusters[name]!, loaded.directory)
  const early = new AbortController()
  const stopEarly = () => early.abort()
  if (signal.aborted) stopEarly()
  else signal.addEventListener('abort', stopEarly, { once: true })
  let result: StoryResult | null = null
  const beside: NonNullable<Parameters<typeof supervise>[0]['beside']> = async (supervisor, end) => {
    // From here on Ctrl-C brings the story to its end instead of cutting it off, and what was promised is verified.
    signal.removeEventListener('abort', stopEarly)
    tellStarted(supervisor.status(), screen)
    const [source, destination] = await Promise.all([access('seoul'), access('virginia')])
    const spec = linkSpec(loaded.fleet.links[DEMO_LINK]!, source, destination)
    const run = Date.now().toString(36)
    const scene = { supervisor, source, destination, spec, screen, run, durationMs, finish: signal, end }
    result = await tellStory(scene)
  }
  await supervise({ loaded, watcher: starting(screen), signal: early.signal, settleMs: 0, beside })
  return result
}

/** What the supervisor tells is shown while it starts; afterwards the story speaks. */
function starting(screen: DemoScreen): Watcher {
  const said = new Set<string>()
  return {
    engine: (progress) => {
      screen.progress(engineLine(progress))
      if (progress.step === 'jars' && !said.has(progress.text))
        screen.note(`${progress.text}, once for this user`)
      said.add(progress.text)
    },
    step: () => undefined,
    planned: () => undefined,
    status: () => undefined,
    settled: () => undefined,
    stopping: () => screen.progress('stopping'),
  }
}

function tellStarted(status: FleetStatus, screen: DemoScreen): void {
  const startedAt = status.supervisor?.startedAt ?? status.at
  for (const { name, region, bootstrap } of status.clusters) {
    screen.good(`${name} (${region}) runs Apache Kafka at ${bootstrap.join(', ')}`)
  }
  for (const { name, from, to } of status.links) {
    screen.good(`link ${name}: ${from} → ${to}, every topic and every group`)
  }
  screen.note(`ready after ${formatDuration(status.at - startedAt)}`)
}

async function conclude(
  { out, signal }: CommandContext,
  place: DemoPlace,
  screen: DemoScreen,
  result: StoryResult | null,
): Promise<ExitCode> {
  screen.clear()
  if (result === null) {
    screen.note(
      signal.aborted ? 'ended before it began' : 'ended from outside, before anything could be compared',
    )
    return signal.aborted ? Exit.interrupted : Exit.failed
  }
  const verified = verdictLine(result.verified, out.palette)
  if (result.verified.equal) screen.good(verified)
  else screen.bad(verified)
  const others = verdicts(result)
  for (const { good, text } of others) {
    if (good) screen.good(text)
    else screen.bad(text)
  }
  screen.note(`everything was stopped; the records stay in ${shown(place.directory)}`)
  const file = shown(place.file)
  const kmc = launcher()
  screen.next([
    [`${kmc} up --detach -f ${file}`, 'both clusters and the link again, in the background'],
    [`${kmc} verify ${DEMO_LINK} -f ${file}`, 'compare both sides of the link record by record'],
    [`${kmc} down -f ${file}`, 'stop them'],
  ])
  if (out.format !== 'table') await out.value(result, () => undefined)
  const exit = verdictExitCode(result.verified)
  return exit === Exit.ok && others.some(({ good }) => !good) ? Exit.differences : exit
}

/** How this person calls kmc: from a clone, or from the PATH. */
function launcher(): string {
  return existsSync(join(process.cwd(), 'kmc')) ? './kmc' : 'kmc'
}

function shown(path: string): string {
  return relative(process.cwd(), path)
}
