import { messageOf } from '../../base/error.ts'
import { jsonLog } from '../../base/json-log.ts'
import type { Log } from '../../base/log.ts'
import { LogFile } from '../../base/log-file.ts'
import type { WorkerMemory } from '../copy/memory.ts'
import type { LinkEnd } from '../link.ts'
import type { LinkStatus } from '../status.ts'
import { Crew } from './crew.ts'
import { failure, type LinkExit, type LinkStart, unpackSpec, workerExit } from './messages.ts'

/** While nothing changes, so many statuses are left out. */
const CALM_STATUS_SKIPPED = 2
/** A link that has not ended by then is given up: its connections are cut, on which all that waits in it ends. */
const GIVE_UP_AFTER_MS = 6_000

export type HostedLinkOptions = {
  readonly memory: WorkerMemory
  readonly tell: (status: LinkStatus) => void
}

/** One of the links of a worker process, from its start until nothing of it is left. */
export class HostedLink {
  readonly #start: LinkStart
  readonly #options: HostedLinkOptions
  readonly #file: LogFile
  readonly #log: Log
  readonly #giveUp = new AbortController()
  readonly #asked = Promise.withResolvers<LinkExit>()
  #askedFor: LinkExit | null = null
  #crew: Crew | null = null
  #told: LinkStatus | null = null
  #skipped = 0

  constructor(start: LinkStart, options: HostedLinkOptions) {
    this.#start = start
    this.#options = options
    const base = { link: start.link, pid: process.pid }
    this.#file = new LogFile(start.logFile)
    this.#log = jsonLog(this.#file, { level: process.env.KMC_LOG_LEVEL, base })
  }

  /** Runs the link; resolves when it has ended, for whatever reason. */
  async run(): Promise<LinkExit> {
    try {
      return await this.#run()
    } finally {
      this.#file.close()
    }
  }

  async #run(): Promise<LinkExit> {
    const { spec, instance } = this.#start
    const { memory } = this.#options
    try {
      const options = { log: this.#log, instance, memory, signal: this.#giveUp.signal }
      this.#crew = await Crew.start(unpackSpec(spec), options)
    } catch (error) {
      this.#log.error({ why: messageOf(error), stack: stackOf(error) }, 'link not started')
      return this.#askedFor ?? failure(error)
    }
    try {
      return await Promise.race([this.#asked.promise, this.#crew.ended.then((end) => this.#over(end))])
    } catch (error) {
      this.#log.error({ why: messageOf(error), stack: stackOf(error) }, 'a thread of the link failed')
      return failure(error)
    } finally {
      await this.#end(this.#crew)
    }
  }

  stop(): void {
    this.#ask({ code: workerExit.stopped, reason: null })
  }

  /** Something in it threw what nobody caught: its state is not to be trusted any more. */
  fail(error: unknown): void {
    this.#log.error({ why: messageOf(error), stack: stackOf(error) }, 'the link failed')
    this.#ask(failure(error))
  }

  /** Tells how it is, if there is anything to tell. True while it is in step and nothing moves. */
  report(): boolean {
    if (this.#crew === null || this.#askedFor !== null) return true
    try {
      return this.#report(this.#crew)
    } catch (error) {
      this.fail(error)
      return true
    }
  }

  #report(crew: Crew): boolean {
    const status = crew.status()
    const isCalm = this.#told !== null && isSameCalm(this.#told, status)
    if (isCalm && this.#skipped++ < CALM_STATUS_SKIPPED) return true
    this.#skipped = 0
    this.#told = status
    this.#options.tell(status)
    return isCalm
  }

  #over({ why }: LinkEnd): LinkExit {
    this.#told = null
    this.report()
    this.#log.info({ why }, 'link ended')
    return { code: why === 'deleted' ? workerExit.stopped : workerExit[why], reason: null }
  }

  #ask(exit: LinkExit): void {
    this.#askedFor ??= exit
    this.#asked.resolve(exit)
    if (this.#crew === null) this.#giveUp.abort()
  }

  async #end(crew: Crew): Promise<void> {
    const timer = setTimeout(() => this.#giveUp.abort(), GIVE_UP_AFTER_MS)
    try {
      await crew.stop()
    } catch (error) {
      this.#log.warn({ why: messageOf(error) }, 'link not ended in order')
    }
    clearTimeout(timer)
    this.#giveUp.abort()
  }
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined
}

/** In step, nothing copied, nothing wrong: an idle link's status would cost it more than all else. */
function isSameCalm(before: LinkStatus, now: LinkStatus): boolean {
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
