import { setTimeout as sleep } from 'node:timers/promises'
import { Link, type LinkEnd, type LinkOptions } from '../../link.ts'
import type { LinkSpec } from '../../spec.ts'
import type { LinkStatus } from '../../status.ts'

/**
 * Loaded into a worker before its own program: links that need no brokers. What one does stands in its name: `throws`
 * and `rejects` when nobody expects it, `hangs` when it is to stop, `crashes` with the whole process, `deleted`.
 */
class PretendLink {
  readonly #name: string
  readonly #signal: AbortSignal | undefined
  readonly #ended = Promise.withResolvers<LinkEnd>()

  constructor({ name }: LinkSpec, { signal }: LinkOptions) {
    this.#name = name
    this.#signal = signal
    if (name.startsWith('throws')) {
      setTimeout(() => {
        throw new Error('nobody catches this')
      }, 10)
    }
    if (name.startsWith('rejects')) void sleep(10).then(() => Promise.reject(new Error('nobody awaits this')))
    if (name.startsWith('crashes')) setTimeout(() => process.exit(9), 200)
    if (name.startsWith('deleted')) this.#ended.resolve({ why: 'deleted' })
  }
  get ended(): Promise<LinkEnd> {
    return this.#ended.promise
  }
  status(): LinkStatus {
    const lag = { records: 1 } as LinkStatus['lag']
    return { link: this.#name, lag, counters: {} } as LinkStatus
  }
  async stop(): Promise<void> {
    if (!this.#name.startsWith('hangs')) return
    await new Promise((resolve) => this.#signal?.addEventListener('abort', resolve))
  }
}

Link.start = async (spec, options) => new PretendLink(spec, options) as unknown as Link
