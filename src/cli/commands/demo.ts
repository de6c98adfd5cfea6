import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { openFleet } from '../../fleet/apply/open-fleet.ts'
import { linkSpec } from '../../fleet/file/access.ts'
import type { FleetStatus } from '../../fleet/run/fleet-status.ts'
import { clusterConfig } from '../../fleet/run/resolve-clusters.ts'
import { findSupervisor } from '../../server/find-supervisor.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { DEMO_LINK, DEMO_ROUTE, type DemoPlace, demoPlace, prepareDemo } from '../demo/demo-fleet.ts'
import { DemoScreen } from '../demo/demo-screen.ts'
import { type StoryResult, tellStory } from '../demo/story.ts'
import { verdicts } from '../demo/verdicts.ts'
import { cliError } from '../errors.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { consolePortOption, type PortOptions, portsOf } from '../ports.ts'
import { signInWords } from '../sign-in-words.ts'
import { formatDuration, parseDuration } from '../terminal/units.ts'
import { engineLine } from '../up/start-lines.ts'
import { supervise, type Watcher } from '../up/supervise.ts'
import { verdictExitCode, verdictLine } from './verify.ts'

type DemoOptions = Pick<PortOptions, 'consolePort'> & { readonly duration?: string }

export const demo: CommandDefinition<DemoOptions> = {
  description:
    'Starts two Apache Kafka clusters on this machine, seoul and virginia, joins them by an exact link, and lets a small ' +
    'shop write to them through a route. Kills the worker of the link with kill -9, and shows that virginia holds the ' +
    'same records at the same offsets; kills seoul with kill -9, runs `kmc failover`, and shows that the shop goes on. ' +
    'Everything stands in .kmc/demo, which each run makes anew. Nothing runs on afterwards.',
  examples: [
    ['kmc demo', 'until Ctrl-C'],
    ['kmc demo --duration 45s', 'ends by itself; exit code 0 when all that was promised is there'],
  ],
  configure: (command) =>
    consolePortOption(command.option('--duration <duration>', 'end by itself after this')),
  stopMs: 120_000,
  async run(context, options) {
    const durationMs = options.duration === undefined ? null : parseDuration(options.duration, '--duration')
    const place = demoPlace(process.cwd())
    const running = findSupervisor(place.directory)
    if (running !== null) throw alreadyRunning(place, running.pid)
    const screen = new DemoScreen(context.out)
    screen.heading(
      'Kafka Multi Cluster',
      'Two Apache Kafka clusters with the same records at the same offsets, and a route that outlives one of them.',
    )
    screen.progress('getting ready')
    await prepareDemo(place)
    const how = { durationMs, ...portsOf(options) }
    const result = await play(context, place, screen, how)
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
  context: CommandContext,
  place: DemoPlace,
  screen: DemoScreen,
  {
    durationMs,
    consolePort,
  }: { readonly durationMs: number | null; readonly consolePort: number | undefined },
): Promise<StoryResult | null> {
  const { signal } = context
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
    const { advertised, port } = loaded.fleet.routes[DEMO_ROUTE]!
    const route = { name: DEMO_ROUTE, bootstrap: [`${advertised}:${port}`] }
    const inFleet = { ...context, fleetPath: place.file }
    const scene = { supervisor, source, destination, route, spec, screen, context: inFleet, durationMs }
    result = await tellStory({ ...scene, finish: signal, end })
  }
  await supervise({
    loaded,
    watcher: starting(screen),
    signal: early.signal,
    settleMs: 0,
    consolePort,
    beside,
  })
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
    opened: (front) => screen.note(signInWords(front)),
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
  for (const { name, address } of status.routes) {
    screen.good(`route ${name}: clients find whichever of them serves at ${address}`)
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
  const before = result.primaryLost === null ? '' : ', before seoul was killed'
  const verified = `${verdictLine(result.verified, out.palette)}${before}`
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
    result.primaryLost === null
      ? [`${kmc} verify ${DEMO_LINK} -f ${file}`, 'compare both sides of the link record by record']
      : [`${kmc} receipts -f ${file}`, 'what the failover did and what it cost'],
    [`${kmc} route describe ${DEMO_ROUTE} -f ${file}`, 'where the route leads, and who uses it'],
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
