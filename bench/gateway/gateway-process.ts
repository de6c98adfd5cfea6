import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { ClusterConfig } from '../../src/client/config.ts'
import { V8_FLAGS } from '../../src/link/worker/spawn.ts'
import type { FrontSays, FrontStart } from './front.ts'

/** A gateway in front of one cluster, in a process of its own that is started as kmc starts one. */
export class GatewayProcess {
  readonly pid: number
  readonly port: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.pid = child.pid!
    this.port = port
  }

  static async start(start: FrontStart): Promise<GatewayProcess> {
    const child = fork(new URL('./front.ts', import.meta.url), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [...process.execArgv, ...V8_FLAGS],
    })
    child.send(start)
    const [said] = (await once(child, 'message')) as [FrontSays]
    if (!said.ready) throw new Error(`the gateway did not start: ${said.why}`)
    return new GatewayProcess(child, start.port)
  }

  /** How clients enter it. */
  get config(): ClusterConfig {
    return { name: 'gateway', bootstrap: [`127.0.0.1:${this.port}`] }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill()
    await exited
  }
}
