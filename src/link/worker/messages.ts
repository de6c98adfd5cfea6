import { KmcError, messageOf } from '../../base/error.ts'
import { packSecrets, unpackSecrets } from '../../base/packed.ts'
import type { LinkEnd } from '../link.ts'
import type { LinkSpec } from '../spec.ts'
import type { LinkStatus } from '../status.ts'

/** How a link is to run in a worker. The spec carries secrets, so it goes by IPC only. */
export type LinkStart = {
  readonly link: string
  readonly spec: unknown
  readonly logFile: string
  readonly instance: string | null
}

/** How a link of a worker ended. */
export type LinkExit = {
  readonly code: (typeof workerExit)[keyof typeof workerExit]
  /** Why, where it failed. */
  readonly reason: string | null
}

/** What the parent tells a worker. */
export type ToWorker =
  | ({ readonly type: 'start' } & LinkStart)
  | { readonly type: 'stop'; readonly link: string }

export type FromWorker =
  | { readonly type: 'status'; readonly link: string; readonly status: LinkStatus }
  | ({ readonly type: 'ended'; readonly link: string } & LinkExit)
  /** The worker as a whole ends, and all its links with it. */
  | { readonly type: 'failed'; readonly code: string; readonly message: string }

/** What a further thread of a worker is started with. */
export type ThreadStart = {
  readonly spec: unknown
  readonly instance: string | null
  readonly thread: number
}
export type ToThread = { readonly type: 'stop' }
export type FromThread =
  | { readonly type: 'status'; readonly status: LinkStatus }
  | {
      readonly type: 'log'
      readonly level: 'debug' | 'info' | 'warn' | 'error'
      readonly fields: object
      readonly message: string
    }
  | { readonly type: 'ended'; readonly why: LinkEnd['why'] }
  | { readonly type: 'failed'; readonly message: string }

/** How a link ended, or a process that did one thing alone: the parent knows whether to start it again. */
export const workerExit = { stopped: 0, failed: 1, fenced: 3, turned: 4 } as const

export function failure(error: unknown): LinkExit {
  const code = error instanceof KmcError ? error.code : 'BUG'
  return { code: workerExit.failed, reason: `${code}: ${messageOf(error)}` }
}

/** A spec as plain data for IPC, its secrets in clear. */
export function packSpec(spec: LinkSpec): unknown {
  return packSecrets(spec)
}

/** The opposite of packSpec; secrets are hidden again. */
export function unpackSpec(packed: unknown): LinkSpec {
  return unpackSecrets(packed) as LinkSpec
}
