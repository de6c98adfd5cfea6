import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { ProcessCommand } from './guardian.ts'
import { dismissGuardian, GUARDIAN_FD, guarded } from './guardian.ts'

/** Output beyond this is cut from its start. */
const COMMAND_OUTPUT_BYTES_MAX = 64 * 1024 * 1024

export type CommandResult = {
  /** The exit code; 128 + the signal's number when a signal ended it, as a shell would say. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export type RunOptions = {
  /** Written to standard input, which is then closed. */
  readonly input?: string | Uint8Array
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /** Called for every line of standard output as it comes. */
  readonly onLine?: (line: string) => void
}

/**
 * Runs a program to its end and returns what it printed; it ends at the latest with this process.
 * Rejects when it cannot be started or `signal` aborts.
 */
export function runCommand(command: ProcessCommand, options: RunOptions = {}): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const { file, args } = guarded(command, 0)
    const child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      env: { ...command.env },
      ...(command.directory === undefined ? {} : { cwd: command.directory }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.timeoutMs === undefined
        ? {}
        : { timeout: options.timeoutMs, killSignal: 'SIGKILL' as const }),
    })
    const stdout = new BoundedText(options.onLine)
    const stderr = new BoundedText()
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    // A program that does not read its input closes the pipe; its exit code tells the rest.
    child.stdin.on('error', () => {})
    child.stdio[GUARDIAN_FD]?.on('error', () => {})
    child.once('exit', () => dismissGuardian(child))
    child.stdin.end(options.input ?? '')
    child.once('error', reject)
    child.once('close', (code, signal) => {
      const number = signal === null ? 0 : constants.signals[signal]
      resolve({ code: code ?? 128 + number, stdout: stdout.text(), stderr: stderr.text() })
    })
  })
}

class BoundedText {
  readonly #onLine: ((line: string) => void) | undefined
  #chunks: Buffer[] = []
  #bytes = 0
  #line = ''

  constructor(onLine?: (line: string) => void) {
    this.#onLine = onLine
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    while (this.#bytes > COMMAND_OUTPUT_BYTES_MAX && this.#chunks.length > 1) {
      this.#bytes -= this.#chunks.shift()?.length ?? 0
    }
    if (this.#onLine === undefined) return
    const lines = (this.#line + chunk.toString('utf8')).split('\n')
    this.#line = (lines.pop() ?? '').slice(-COMMAND_OUTPUT_BYTES_MAX)
    for (const line of lines) this.#onLine(line)
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8')
  }
}
