import { type ChildProcess, fork } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { KmcError } from '../base/error.ts'
import { cliError } from './errors.ts'
import { type ErrorDocument, errorDocument } from './render-error.ts'

/** What a supervisor in the background tells the command that started it, until it is ready. */
export type StartReport =
  | { readonly type: 'progress'; readonly text: string }
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly error: ErrorDocument['error'] }

export type DetachOptions = {
  readonly fleetPath: string
  /** Further options for `kmc up`. */
  readonly args: readonly string[]
  /** Where everything goes that it prints. */
  readonly consoleFile: string
  readonly onProgress: (text: string) => void
  readonly signal: AbortSignal
}

const PROGRAM = fileURLToPath(new URL('./main.ts', import.meta.url))

/**
 * Starts `kmc up` in a session of its own and resolves with its pid when it is ready. Throws what stopped it. When
 * this process ends before that, or `signal` fires, the background process sees the channel close and ends.
 */
export async function startDetached(options: DetachOptions): Promise<number> {
  const child = forkUp(options)
  const abort = () => child.connected && child.disconnect()
  options.signal.addEventListener('abort', abort, { once: true })
  try {
    await readiness(child, options)
    return child.pid!
  } finally {
    options.signal.removeEventListener('abort', abort)
    if (child.connected) child.disconnect()
    child.unref()
  }
}

function forkUp({ fleetPath, args, consoleFile }: DetachOptions): ChildProcess {
  mkdirSync(dirname(consoleFile), { recursive: true })
  const output = openSync(consoleFile, 'w', 0o600)
  try {
    return fork(PROGRAM, ['--file', fleetPath, 'up', '--in-background', ...args], {
      detached: true,
      cwd: dirname(fleetPath),
      stdio: ['ignore', output, output, 'ipc'],
    })
  } finally {
    closeSync(output)
  }
}

function readiness(child: ChildProcess, { onProgress, consoleFile, signal }: DetachOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.on('message', (message) => {
      const report = message as StartReport
      if (report.type === 'progress') onProgress(report.text)
      else if (report.type === 'ready') resolve()
      else reject(errorOf(report.error))
    })
    // Its last words may still be on their way when it has ended: they are read before the channel closes.
    const channelClosed = new Promise((closed) => child.once('disconnect', closed))
    child.once('exit', async (code, killedBy) => {
      await channelClosed
      if (signal.aborted) return resolve()
      const how = killedBy === null ? `exit code ${code}` : `signal ${killedBy}`
      const message = `the supervisor ended before it was ready (${how}); what it said stands in ${consoleFile}`
      reject(cliError('SUPERVISOR_NOT_STARTED', message))
    })
  })
}

function errorOf({ code, message, remedy, context }: ErrorDocument['error']): KmcError {
  return new KmcError(code, message, { ...(remedy === null ? {} : { remedy }), context })
}

/** The other end of the channel, in the background process. */
export type StartReporter = {
  readonly progress: (text: string) => void
  readonly ready: () => void
  /** Resolves when the words have left the process. */
  readonly failed: (error: unknown) => Promise<void>
  /** Aborted when the command that waits has gone before `ready`. */
  readonly abandoned: AbortSignal
}

export function startReporter(): StartReporter {
  const abandoned = new AbortController()
  let isReady = false
  process.once('disconnect', () => {
    if (!isReady) abandoned.abort()
  })
  const tell = (report: StartReport) =>
    new Promise<void>((left) => {
      if (process.connected) process.send!(report, undefined, undefined, () => left())
      else left()
    })
  return {
    progress: (text) => void tell({ type: 'progress', text }),
    ready: () => {
      isReady = true
      void tell({ type: 'ready' })
    },
    failed: (error) => tell({ type: 'failed', error: errorDocument(error).error }),
    abandoned: abandoned.signal,
  }
}
