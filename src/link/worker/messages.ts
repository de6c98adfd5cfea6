import { packSecrets, unpackSecrets } from '../../base/packed.ts'
import type { LinkEnd } from '../link.ts'
import type { LinkSpec } from '../spec.ts'
import type { LinkStatus } from '../status.ts'

/** What the parent tells a worker. The spec carries secrets, so it goes by IPC only. */
export type ToWorker =
  | {
      readonly type: 'start'
      readonly spec: unknown
      readonly logFile: string
      readonly instance: string | null
    }
  | { readonly type: 'stop' }

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'status'; readonly status: LinkStatus }
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

/** Exit codes of a worker, so that the parent knows whether to start it again. */
export const workerExit = { stopped: 0, failed: 1, fenced: 3, turned: 4 } as const

/** A spec as plain data for IPC, its secrets in clear. */
export function packSpec(spec: LinkSpec): unknown {
  return packSecrets(spec)
}

/** The opposite of packSpec; secrets are hidden again. */
export function unpackSpec(packed: unknown): LinkSpec {
  return unpackSecrets(packed) as LinkSpec
}
