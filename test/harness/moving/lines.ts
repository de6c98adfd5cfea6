import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A program of others whose every line of output is given to `onLine`; it ends when its stdin does, or by a signal. */
export class LineProgram {
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>
  #stderr = ''

  constructor(file: string, args: readonly string[], onLine: (line: string) => void) {
    this.#child = spawn(file, args, { stdio: 'pipe' })
    createInterface({ input: this.#child.stdout! }).on('line', onLine)
    this.#child.stderr!.on('data', (chunk) => {
      this.#stderr = (this.#stderr + String(chunk)).slice(-2_000)
    })
    // Its end says what became of it.
    this.#child.stdin!.on('error', () => {})
    this.#ended = once(this.#child, 'close').then(([code]) => code as number | null)
  }

  get stderr(): string {
    return this.#stderr
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  write(line: string): void {
    this.#child.stdin!.write(`${line}\n`)
  }

  /** Waits for the program to end by itself once its stdin has; after `withinMs` it is killed. */
  async end(signal: NodeJS.Signals | null, withinMs = 30_000): Promise<number | null> {
    if (signal === null) this.#child.stdin!.end()
    else this.#child.kill(signal)
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), withinMs)
    try {
      return await this.#ended
    } finally {
      clearTimeout(timer)
    }
  }
}
