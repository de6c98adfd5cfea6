import { systemClock } from '../../base/clock.ts'
import { jsonLog } from '../../base/json-log.ts'
import type { Log } from '../../base/log.ts'
import { LogFile } from '../../base/log-file.ts'
import type { EngineProgress } from '../../engine/report.ts'
import type { ApplyStep } from '../../fleet/apply/apply-plan.ts'
import { bringUp } from '../../fleet/apply/bring-up.ts'
import type { LoadedFleet } from '../../fleet/file/fleet.ts'
import type { Plan } from '../../fleet/plan/plan.ts'
import type { FleetStatus } from '../../fleet/run/fleet-status.ts'
import { runPaths } from '../../fleet/run/run-paths.ts'
import { startProgress } from '../../fleet/run/settled.ts'
import type { Supervisor } from '../../fleet/run/supervisor.ts'
import { type FleetHost, openHost } from '../../server/host.ts'
import { version } from '../version.ts'

/** Who watches while a fleet comes up and runs. */
export type Watcher = {
  readonly engine: (progress: EngineProgress) => void
  /** Called once, before anything is started: where the fleet can be watched. */
  readonly opened: (front: FleetHost['front']) => void
  readonly step: (step: ApplyStep) => void
  readonly planned: (plan: Plan) => void
  /** Called about once a second, and the first time as soon as there is something to see. */
  readonly status: (status: FleetStatus) => void
  /** Called once, when every link works or has said why not, or the time for that is over. */
  readonly settled: (status: FleetStatus) => void
  readonly stopping: () => void
}

export type SuperviseOptions = {
  readonly loaded: LoadedFleet
  readonly watcher: Watcher
  /** Ends everything, at whatever point. */
  readonly signal: AbortSignal
  readonly settleMs: number
  /** In place of what the fleet file says; 0 for none. */
  readonly metricsPort?: number | undefined
  readonly consolePort?: number | undefined
  /** Mirrors (`LINK/TOPIC`) to go on with where a plan offers it. */
  readonly resume?: readonly string[]
  /** What to do beside it, while it runs. */
  readonly beside?: (supervisor: Supervisor, end: AbortSignal) => Promise<void>
}

const LOOK_EVERY_MS = 1_000
const LOOK_OFTEN_MS = 200

/**
 * Runs a fleet in this process until `signal` fires, somebody asks over the control endpoint for the end, or `beside`
 * is done. All that was started has ended when it returns or throws.
 */
export async function supervise(options: SuperviseOptions): Promise<void> {
  const { loaded, watcher } = options
  const log = supervisorLog(loaded)
  const host = await openHost(loaded, {
    log,
    progress: watcher.engine,
    version,
    metricsPort: options.metricsPort,
    consolePort: options.consolePort,
  })
  const end = AbortSignal.any([options.signal, host.stopAsked])
  const done = new AbortController()
  // Ending interrupts what is being started: nobody waits for a broker that is no longer wanted.
  const close = () => {
    watcher.stopping()
    void host.close()
  }
  if (end.aborted) close()
  else end.addEventListener('abort', close, { once: true })
  try {
    const { supervisor, front } = host
    watcher.opened(front)
    watcher.planned(
      await bringUp({ loaded, supervisor, report: watcher.step, signal: end, resume: options.resume ?? [] }),
    )
    await Promise.race([
      watch(supervisor, options, AbortSignal.any([end, done.signal])),
      options.beside?.(supervisor, end) ?? ended(end),
    ])
  } catch (error) {
    if (!end.aborted) {
      log.error({ err: error }, 'the fleet was not started, or could not be kept running')
      throw error
    }
  } finally {
    done.abort()
    end.removeEventListener('abort', close)
    if (!end.aborted) watcher.stopping()
    await closeLogged(host, log)
  }
}

async function closeLogged(host: FleetHost, log: Log): Promise<void> {
  await host.close()
  log.info({}, 'the supervisor has ended')
}

async function watch(
  supervisor: Supervisor,
  { watcher, settleMs }: SuperviseOptions,
  end: AbortSignal,
): Promise<void> {
  const settleBy = Date.now() + settleMs
  let settled = false
  while (!end.aborted) {
    const status = supervisor.status()
    watcher.status(status)
    if (!settled && (startProgress(status).settled || Date.now() >= settleBy)) {
      settled = true
      watcher.settled(status)
    }
    await systemClock.sleep(settled ? LOOK_EVERY_MS : LOOK_OFTEN_MS, end)
  }
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** JSON lines in `.kmc/logs/supervisor.log`, bounded. */
function supervisorLog(loaded: LoadedFleet): Log {
  const file = new LogFile(runPaths(loaded.directory).supervisorLog)
  return jsonLog(file, { level: process.env.KMC_LOG_LEVEL, base: { pid: process.pid } })
}
