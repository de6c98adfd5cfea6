import { availableParallelism } from 'node:os'
import type { LinkSpec } from '../spec.ts'
import { type LinkWorker, Pack, type PackCrash, type SpawnOptions } from './pack.ts'

/** One process copies some 300 MB/s; what it runs beside that is bounded by what its crash may stop for a moment. */
const LINKS_PER_PACK_MAX = 16
/** Sent by somebody else: they say nothing about what ran in the process. */
const FROM_OUTSIDE: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'])

export type LinkPacksOptions = {
  /** Processes that links are spread over before they are put together; default: half of the cores. */
  readonly spread?: number
}

/**
 * Runs links in as few worker processes as will do: each costs 90 MB and compiles by itself. A link with several
 * workers has a process of its own. Where a process with several links has crashed by itself, each of them is started
 * alone from then on, so that the one at fault brings down no other.
 */
export class LinkPacks {
  readonly #packs = new Set<Pack>()
  readonly #suspects = new Set<string>()
  readonly #spread: number

  constructor({ spread = Math.max(1, Math.floor(availableParallelism() / 2)) }: LinkPacksOptions = {}) {
    this.#spread = spread
  }

  /** @throws WORKER_NOT_STARTED */
  spawn(spec: LinkSpec, options: SpawnOptions): LinkWorker {
    const isAlone = (spec.workers ?? 1) > 1 || this.#suspects.has(spec.name)
    const worker = (isAlone ? this.#open(1) : this.#packWithRoom()).start(spec, options)
    worker.onExit(({ code }) => {
      if (code === 0) this.#suspects.delete(spec.name)
    })
    return worker
  }

  #packWithRoom(): Pack {
    const shared = [...this.#packs].filter(({ linksMax }) => linksMax > 1)
    const [emptiest] = shared.filter(({ hasRoom }) => hasRoom).toSorted((a, b) => a.size - b.size)
    return emptiest === undefined || shared.length < this.#spread ? this.#open(LINKS_PER_PACK_MAX) : emptiest
  }

  #open(linksMax: number): Pack {
    const pack = new Pack(linksMax, (crash) => this.#crashed(crash))
    this.#packs.add(pack)
    void pack.exited.then(() => this.#packs.delete(pack))
    return pack
  }

  #crashed({ links, signal }: PackCrash): void {
    if (links.length === 1 || (signal !== null && FROM_OUTSIDE.has(signal))) return
    for (const link of links) this.#suspects.add(link)
  }
}

/** Starts one link in a process of its own. */
export function spawnLinkWorker(spec: LinkSpec, options: SpawnOptions): LinkWorker {
  return new Pack(1).start(spec, options)
}
