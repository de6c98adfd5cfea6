import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ClusterConfig } from '../../src/client/config.ts'

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const TOKEN_VARIABLE = 'KMC_BENCH_TOKEN'
const READY_WITHIN_MS = 60_000
const LOOK_MS = 200

export type ServeStart = {
  readonly directory: string
  readonly clusters: Readonly<Record<string, ClusterConfig>>
  readonly port: number
  readonly token: string
}

/** `kmc serve` over clusters that are there, as a shell starts it. */
export class ServeProcess {
  readonly url: string
  readonly pid: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.pid = child.pid!
    this.url = url
  }

  static async start({ directory, clusters, port, token }: ServeStart): Promise<ServeProcess> {
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, 'fleet.yaml'), fleetFile(clusters, port))
    const words = ['--disable-warning=ExperimentalWarning', MAIN, 'serve']
    const child = spawn(process.execPath, words, {
      cwd: directory,
      env: { ...process.env, [TOKEN_VARIABLE]: token },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        printed = (printed + String(text)).slice(-10_000)
      })
    }
    const served = new ServeProcess(child, `http://127.0.0.1:${port}`)
    for (const startedAt = performance.now(); ; await sleep(LOOK_MS)) {
      if (await served.#answers()) return served
      if (child.exitCode !== null) throw new Error(`kmc serve ended:\n${printed}`)
      if (performance.now() - startedAt > READY_WITHIN_MS)
        throw new Error(`kmc serve is not ready:\n${printed}`)
    }
  }

  /** Reads JSON. */
  async read<Body>(path: string, token: string): Promise<Body> {
    const response = await fetch(this.url + path, { headers: { authorization: `Bearer ${token}` } })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as Body
  }

  async #answers(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/healthz`)).ok
    } catch {
      return false
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill()
    await exited
  }
}

function fleetFile(clusters: ServeStart['clusters'], port: number): string {
  const rows = Object.entries(clusters).map(
    ([name, { bootstrap }]) => `  ${name}: { bootstrap: [${bootstrap.map((one) => `"${one}"`).join(', ')}] }`,
  )
  return [
    'fleet: bench',
    'clusters:',
    ...rows,
    'server:',
    `  port: ${port}`,
    `  tokens: { bench: "env:${TOKEN_VARIABLE}" }`,
    '  roles: { bench: { role: admin, members: ["token:bench"] } }',
    '',
  ].join('\n')
}
