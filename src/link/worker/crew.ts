import { Worker } from 'node:worker_threads'
import type { Log } from '../../base/log.ts'
import type { WorkerMemory } from '../copy/memory.ts'
import { Link, type LinkEnd } from '../link.ts'
import { mergeStatuses } from '../report/merge.ts'
import type { LinkSpec } from '../spec.ts'
import type { LinkStatus } from '../status.ts'
import { type FromThread, packSpec, type ThreadStart, type ToThread } from './messages.ts'

export type CrewOptions = {
  readonly log: Log
  readonly instance: string | null
  readonly memory: WorkerMemory
  /** Gives the worker up at once; its threads are only asked to end. */
  readonly signal: AbortSignal
}

type Mate = { readonly worker: Worker; readonly exited: Promise<void>; status: LinkStatus | null }

/**
 * The workers of a link inside one process: one in the main thread, and `workers - 1` in threads of their own. They
 * are members of the link's group like any others, so each is fenced and replaced by itself.
 */
export class Crew {
  readonly #link: Link
  readonly #mates: Mate[]
  readonly #ended: Promise<LinkEnd>

  private constructor(link: Link, mates: Mate[], ended: Promise<LinkEnd>) {
    this.#link = link
    this.#mates = mates
    this.#ended = ended
  }

  /** @throws what hinders the first of them */
  static async start(spec: LinkSpec, options: CrewOptions): Promise<Crew> {
    const { log, instance } = options
    const link = await Link.start(spec, options)
    const ended = Promise.withResolvers<LinkEnd>()
    void link.ended.then(ended.resolve)
    const mates = Array.from({ length: (spec.workers ?? 1) - 1 }, (_, index) => {
      const thread = index + 1
      const name = instance === null ? null : `${instance}.${thread}`
      return startMate({ spec: packSpec(spec), instance: name, thread }, { log, ended })
    })
    return new Crew(link, mates, ended.promise)
  }

  /** Resolves when one of them ends by itself; rejects when one fails. */
  get ended(): Promise<LinkEnd> {
    return this.#ended
  }

  status(): LinkStatus {
    const mates = this.#mates.flatMap(({ status }) => (status === null ? [] : [status]))
    const own = this.#link.status()
    return mates.length === 0 ? own : mergeStatuses([own, ...mates])
  }

  async stop(): Promise<void> {
    for (const { worker } of this.#mates) worker.postMessage({ type: 'stop' } satisfies ToThread)
    await Promise.all([this.#link.stop(), ...this.#mates.map(({ exited }) => exited)])
  }
}

function startMate(
  start: ThreadStart,
  { log, ended }: { readonly log: Log; readonly ended: PromiseWithResolvers<LinkEnd> },
): Mate {
  const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: start })
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const mate: Mate = { worker, exited, status: null }
  worker.on('message', (message: FromThread) => {
    switch (message.type) {
      case 'status':
        mate.status = message.status
        break
      case 'log':
        log[message.level]({ thread: start.thread, ...message.fields }, message.message)
        break
      case 'ended':
        ended.resolve({ why: message.why })
        break
      case 'failed':
        ended.reject(new Error(`thread ${start.thread}: ${message.message}`))
    }
  })
  worker.on('error', (error) => ended.reject(error))
  return mate
}
