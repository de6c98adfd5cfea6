import { leaveParent } from '../../base/child-process.ts'
import { KmcError, messageOf } from '../../base/error.ts'
import { jsonLog } from '../../base/json-log.ts'
import type { Log } from '../../base/log.ts'
import { LogFile } from '../../base/log-file.ts'
import type { LinkEnd } from '../link.ts'
import type { LinkStatus } from '../status.ts'
import { Crew } from './crew.ts'
import { type FromWorker, type ToWorker, unpackSpec, workerExit } from './messages.ts'

/** A process that runs one link for its parent: spec in, status out, and no life of its own without the parent. */

const STATUS_EVERY_MS = 1_000
/** While nothing changes, so many of these are left out. */
const CALM_STATUS_SKIPPED = 4

let crew: Crew | null = null
let stopping = false

process.on('disconnect', () => process.exit(workerExit.stopped))
// A terminal sends Ctrl-C, and its own end, to the whole process group; the parent decides when a worker ends.
process.on('SIGINT', () => {})
process.on('SIGHUP', () => {})
process.on('message', (message) => void receive(message as ToWorker))

async function receive(message: ToWorker): Promise<void> {
  if (message.type === 'start') await run(message)
  else await stop()
}

async function run({ spec: packed, logFile, instance }: ToWorker & { type: 'start' }): Promise<void> {
  const spec = unpackSpec(packed)
  const base = { link: spec.name, pid: process.pid }
  const log = jsonLog(new LogFile(logFile), { level: process.env.KMC_LOG_LEVEL, base })
  try {
    crew = await Crew.start(spec, { log, instance })
  } catch (error) {
    log.error(
      { why: messageOf(error), stack: error instanceof Error ? error.stack : undefined },
      'link not started',
    )
    fail(error)
    return
  }
  if (stopping) return stop()
  tell({ type: 'ready' })
  setInterval(() => report(), STATUS_EVERY_MS)
  await atWork(crew, log)
}

async function atWork(crew: Crew, log: Log): Promise<void> {
  let end: LinkEnd
  try {
    end = await crew.ended
  } catch (error) {
    log.error({ why: messageOf(error) }, 'a thread of the link failed')
    fail(error)
    return
  }
  told = null
  report()
  log.info({ why: end.why }, 'link ended')
  await crew.stop()
  leaveParent(end.why === 'deleted' ? workerExit.stopped : workerExit[end.why])
}

let told: LinkStatus | null = null
let skipped = 0

function report(): void {
  if (crew === null) return
  const status = crew.status()
  if (told !== null && isCalm(told, status) && skipped++ < CALM_STATUS_SKIPPED) return
  skipped = 0
  told = status
  tell({ type: 'status', status })
}

/** In step, nothing copied, nothing wrong: an idle link's status would cost it more than all else. */
function isCalm(before: LinkStatus, now: LinkStatus): boolean {
  return (
    isSame(now, before) &&
    now.lag.records === 0 &&
    before.lag.records === 0 &&
    now.fault === null &&
    before.fault === null
  )
}

function isSame(a: LinkStatus, b: LinkStatus): boolean {
  return a.state === b.state && a.generation === b.generation && a.counters.records === b.counters.records
}

async function stop(): Promise<void> {
  stopping = true
  await crew?.stop()
  leaveParent(workerExit.stopped)
}

function fail(error: unknown): void {
  const code = error instanceof KmcError ? error.code : 'BUG'
  tell({ type: 'failed', code, message: messageOf(error) })
  leaveParent(workerExit.failed)
}

function tell(message: FromWorker): void {
  if (process.connected) process.send!(message)
}
