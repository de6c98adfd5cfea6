import { join } from 'node:path'
import type { Fault } from '../../src/link/status.ts'
import { spawnLinkWorker } from '../../src/link/worker/packs.ts'
import type { Arena } from './arena.ts'
import type { Contender, Mirroring } from './contender.ts'

/** kmc's own link as kmc runs it: one worker process with groups and everything else switched on. */
export const exactLink: Contender = {
  name: 'exact-link',
  start: async (arena, topic, run) => startLink(arena, topic, run),
}

/** A mirror that could not be made yet is tried again. */
function lasting(fault: Fault | null): string | null {
  return fault === null || fault.code === 'MIRROR_FAILED' ? null : fault.message
}

/** Starts a link on one topic, by default in a process of its own. `run` is its name and the prefix of the mirror. */
export function startLink(arena: Arena, topic: string, run: string, spawn = spawnLinkWorker): Mirroring {
  const prefix = `${run}.`
  const spec = {
    name: run,
    source: arena.source.config,
    destination: arena.destination.config,
    topics: [topic],
    groups: ['*'],
    prefix,
    start: { at: 'earliest' },
  } as const
  const logFile = join(arena.directory, `${run}.log`)
  const worker = spawn(spec, { logFile })
  let ended: string | null = null
  worker.onExit(({ code, signal, reason }) => {
    ended = `the link's worker ended (${reason ?? signal ?? code}); its log: ${logFile}`
  })
  return {
    pid: worker.pid,
    mirror: prefix + topic,
    ended: () => ended ?? lasting(worker.status?.fault ?? null),
    stop: () => worker.stop(),
  }
}
