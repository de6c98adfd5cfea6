import { hostname } from 'node:os'
import { leaveParent } from '../../base/child-process.ts'
import { KmcError, messageOf } from '../../base/error.ts'
import { jsonLog } from '../../base/json-log.ts'
import { LogFile } from '../../base/log-file.ts'
import { unpackSecrets } from '../../base/packed.ts'
import { RouteKeeper, type RouteKeeperSpec } from '../keeper/route-keeper.ts'
import { type FromGateway, gatewayExit, type ToGateway } from './messages.ts'

/** A process that is one gateway of one route: spec in, status out, and no life of its own without the parent. */

const STATUS_EVERY_MS = 1_000

let keeper: RouteKeeper | null = null
let stopping = false
/** A status is on its way: a parent that does not read must not make them pile up. */
let isReporting = false

process.on('disconnect', () => process.exit(gatewayExit.stopped))
// A terminal sends Ctrl-C, and its own end, to the whole process group; the parent decides when a gateway ends.
process.on('SIGINT', () => {})
process.on('SIGHUP', () => {})
process.on('message', (message) => void receive(message as ToGateway))

async function receive(message: ToGateway): Promise<void> {
  if (message.type === 'start') await run(message)
  else await stop()
}

async function run({ spec: packed, logFile }: ToGateway & { type: 'start' }): Promise<void> {
  const given = unpackSecrets(packed) as RouteKeeperSpec
  const own = { host: hostname(), pid: process.pid, since: Date.now() }
  const spec = { ...given, keeper: { ...given.keeper, ...own } }
  const base = { route: spec.route.name, pid: process.pid }
  const log = jsonLog(new LogFile(logFile), { level: process.env.KMC_LOG_LEVEL, base })
  try {
    keeper = await RouteKeeper.start(spec, log)
  } catch (error) {
    log.error({ why: messageOf(error) }, 'gateway not started')
    tell({ type: 'failed', code: error instanceof KmcError ? error.code : 'BUG', message: messageOf(error) })
    leaveParent(gatewayExit.failed)
    return
  }
  if (stopping) return stop()
  report()
  setInterval(report, STATUS_EVERY_MS)
}

function report(): void {
  if (keeper === null || isReporting || !process.connected) return
  const message: FromGateway = { type: 'status', status: keeper.status() }
  isReporting = true
  process.send!(message, undefined, undefined, () => {
    isReporting = false
  })
}

async function stop(): Promise<void> {
  stopping = true
  await keeper?.stop()
  leaveParent(gatewayExit.stopped)
}

function tell(message: FromGateway): void {
  if (process.connected) process.send!(message)
}
