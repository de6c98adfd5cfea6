import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { javaEnvironment } from '../../../src/engine/java.ts'
import { compileDriver } from './compiled.ts'

type Answer = {
  readonly id: number
  readonly part?: unknown
  readonly done?: unknown
  readonly error?: string
  readonly type?: string
}

type Waiting = {
  readonly op: string
  readonly onPart: (part: unknown) => void
  readonly resolve: (done: unknown) => void
  readonly reject: (error: Error) => void
}

/** An error of Kafka's Java client; `type` is the simple name of its class, e.g. `TopicAuthorizationException`. */
class JavaClientError extends Error {
  readonly type: string

  constructor(op: string, type: string, message: string) {
    super(`${op}: ${type}: ${message}`)
    this.type = type
  }
}

const CALL_MS = 90_000
const HEAP_MIB = 256

/** The process of the Java driver (harness/Driver.java); it ends with this process, since its stdin closes then. */
export class JavaDriverProcess {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #waiting = new Map<number, Waiting>()
  readonly #exited: Promise<void>
  #lastId = 0
  #errors = ''

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child
    createInterface({ input: child.stdout }).on('line', (line) => this.#receive(line))
    child.stderr.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-4_000)
    })
    child.stdin.on('error', () => {})
    this.#exited = new Promise((resolve) => {
      child.once('exit', () => {
        const gone = new Error(`the Java driver has ended: ${this.#errors}`)
        for (const { reject } of this.#waiting.values()) reject(gone)
        resolve()
      })
    })
  }

  static async start(kafka: string): Promise<JavaDriverProcess> {
    const { java, classPath } = await compileDriver(kafka)
    const options = [`-Xmx${HEAP_MIB}m`, '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']
    const env = javaEnvironment(java, { CLASSPATH: classPath })
    return new JavaDriverProcess(
      spawn(java.executable, [...options, 'harness.Driver'], { env, stdio: 'pipe' }),
    )
  }

  /** Runs one operation. @throws JavaClientError with what the Java client threw; Error when time is over. */
  call(
    op: string,
    request: Readonly<Record<string, unknown>>,
    options: { readonly onPart?: (part: unknown) => void; readonly withinMs?: number } = {},
  ): Promise<unknown> {
    const id = ++this.#lastId
    const withinMs = options.withinMs ?? CALL_MS
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => end(() => reject(new Error(`${op}: no answer in ${withinMs} ms`))),
        withinMs,
      )
      const end = (settle: () => void) => {
        clearTimeout(timer)
        this.#waiting.delete(id)
        settle()
      }
      this.#waiting.set(id, {
        op,
        onPart: options.onPart ?? (() => {}),
        resolve: (done) => end(() => resolve(done)),
        reject: (error) => end(() => reject(error)),
      })
      this.#child.stdin.write(`${JSON.stringify({ id, op, ...request })}\n`)
    })
  }

  async close(): Promise<void> {
    this.#child.stdin.end()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000)
    await this.#exited
    clearTimeout(timer)
  }

  #receive(line: string): void {
    const answer = JSON.parse(line) as Answer
    const waiting = this.#waiting.get(answer.id)
    if (answer.part !== undefined) waiting?.onPart(answer.part)
    else if (answer.error === undefined) waiting?.resolve(answer.done)
    else waiting?.reject(new JavaClientError(waiting.op, answer.type ?? 'Error', answer.error))
  }
}
