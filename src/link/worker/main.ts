import { AsyncLocalStorage } from 'node:async_hooks'
import { leaveParent } from '../../base/child-process.ts'
import { beatingClock } from '../../base/clock.ts'
import { messageOf } from '../../base/error.ts'
import { WorkerMemory } from '../copy/memory.ts'
import { HostedLink } from './hosted-link.ts'
import {
  type FromWorker,
  failure,
  type LinkExit,
  type LinkStart,
  type ToWorker,
  workerExit,
} from './messages.ts'

/** A process that runs links for its parent: specs in, statuses out, and no life of its own without the parent. */

const STATUS_EVERY_MS = 1_000
/** While no link moves. */
const CALM_STATUS_EVERY_MS = 2_000

const memory = new WorkerMemory()
const links = new Map<string, HostedLink>()
/** Whose code it is that runs: what it throws, and nobody catches, ends that link and no other. */
const current = new AsyncLocalStorage<HostedLink>()

process.on('disconnect', () => process.exit(workerExit.stopped))
// A terminal sends Ctrl-C, and its own end, to the whole process group; the parent decides when a worker ends.
process.on('SIGINT', () => {})
process.on('SIGHUP', () => {})
process.on('message', (message: ToWorker) => {
  if (message.type === 'start') start(message)
  else links.get(message.link)?.stop()
})
process.on('uncaughtException', (error) => {
  const link = current.getStore()
  if (link !== undefined) {
    link.fail(error)
    return
  }
  tell({ type: 'failed', code: 'BUG', message: messageOf(error) })
  leaveParent(workerExit.failed)
})
void report()

async function report(): Promise<void> {
  for (let areCalm = false; ; ) {
    await beatingClock.sleep(areCalm ? CALM_STATUS_EVERY_MS : STATUS_EVERY_MS)
    areCalm = [...links.values()].map((link) => current.run(link, () => link.report())).every(Boolean)
  }
}

async function start(how: LinkStart): Promise<void> {
  const { link } = how
  const exit = await run(how).catch(failure)
  links.delete(link)
  tell({ type: 'ended', link, ...exit })
}

async function run(start: LinkStart): Promise<LinkExit> {
  const { link: name } = start
  const link = new HostedLink(start, {
    memory,
    tell: (status) => tell({ type: 'status', link: name, status }),
  })
  links.set(name, link)
  return await current.run(link, () => link.run())
}

function tell(message: FromWorker): void {
  if (process.connected) process.send!(message)
}
