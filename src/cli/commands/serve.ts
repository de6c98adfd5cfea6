import { systemClock } from '../../base/clock.ts'
import { jsonLog } from '../../base/json-log.ts'
import { LogFile } from '../../base/log-file.ts'
import { openFleet } from '../../fleet/apply/open-fleet.ts'
import { fleetNews } from '../../fleet/run/fleet-news.ts'
import type { FleetStatus } from '../../fleet/run/fleet-status.ts'
import { openServe, type Served } from '../../server/serve-host.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { Exit, type ExitCode } from '../exit.ts'
import type { Output } from '../output.ts'
import { type PortOptions, portOptions, portsOf } from '../ports.ts'
import { signInWords } from '../sign-in-words.ts'
import { printable } from '../terminal/text-width.ts'
import { formatInstant } from '../terminal/units.ts'
import { version } from '../version.ts'

type ServeOptions = PortOptions & { readonly link: readonly string[] }

/** What `-o json` prints a line of for everything that happens. */
type ServeLine = { readonly at: number; readonly kind: 'good' | 'bad' | 'plain'; readonly text: string }

const LOOK_EVERY_MS = 1_000

export const serve: CommandDefinition<ServeOptions> = {
  description:
    'Runs the links and routes of the fleet file without starting any cluster. Several kmc serve with the same file, on one machine or ' +
    'many, share each link: the partitions are divided among them, and whoever is left goes on when one ends. With --link no ' +
    'routes are served (kmc gateway serves them alone). Runs until Ctrl-C, SIGTERM or kmc down; a line for everything that happens.',
  examples: [
    ['kmc serve', 'all links and routes of the file'],
    ['kmc serve --link dr --link geo', 'these alone'],
  ],
  configure: (command) =>
    portOptions(command.option('--link <name>', 'a link to run; may be given again', collect, [])),
  stopMs: 90_000,
  async run(context, { link, ...ports }) {
    const what = link.length === 0 ? ({ links: 'all', routes: 'all' } as const) : { links: link, routes: [] }
    return await runServing(context, what, portsOf(ports))
  },
}

function collect(name: string, before: readonly string[]): string[] {
  return [...before, name]
}

/** Serves until the end is asked for, and says what happens. */
export async function runServing(
  { out, fleetPath, signal }: CommandContext,
  what: Served,
  ports: ReturnType<typeof portsOf>,
): Promise<ExitCode> {
  const fleet = await openFleet(fleetPath)
  for (const { line, message } of fleet.remarks) out.note(`${fleet.file}:${line}: ${message}`)
  const options = { level: process.env.KMC_LOG_LEVEL, base: { pid: process.pid } }
  const log = (file: string) => jsonLog(new LogFile(file), options)
  const host = await openServe({ fleet, what, log, version, ...ports })
  try {
    const end = AbortSignal.any([signal, host.stopAsked])
    out.note(signInWords(host.front))
    out.note(`serving as number ${host.seat} of this folder, process ${process.pid}`)
    let last: FleetStatus | null = null
    while (!end.aborted) {
      const status = host.supervisor.status()
      tell(out, last, status)
      last = status
      await systemClock.sleep(LOOK_EVERY_MS, end)
    }
    out.note('stopping …')
  } finally {
    await host.close()
    host.log.info({}, 'serving has ended')
  }
  out.note('stopped')
  // A signal is the way to end this command, so it is no failure.
  return Exit.ok
}

/** A line for people, or one JSON document a line for programs. */
function tell(out: Output, before: FleetStatus | null, now: FleetStatus): void {
  for (const { kind, text } of fleetNews(before, now)) {
    const paint =
      kind === 'good' ? out.palette.good : kind === 'bad' ? out.palette.bad : (plain: string) => plain
    if (out.format === 'table') out.line(`${formatInstant(now.at)} ${paint(printable(text))}`)
    else out.line(JSON.stringify({ at: now.at, kind, text } satisfies ServeLine))
  }
}
