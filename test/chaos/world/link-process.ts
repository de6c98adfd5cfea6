import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LinkOverview } from '../../../src/fleet/run/fleet-status.ts'
import type { SupervisorRecord } from '../../../src/fleet/run/supervisor-record.ts'
import { fetchStatus } from '../../../src/server/control-client.ts'
import { findRunners } from '../../../src/server/find-supervisor.ts'
import { isAlive, kmc, nothingRuns, signalled, startKmc } from '../../harness/kmc.ts'
import { temporaryDirectory } from '../../harness/temporary.ts'
import { waitUntil } from '../../harness/wait.ts'

const SOON = { withinMs: 120_000, everyMs: 100 }
const LINK = 'chaos'

/** A `kmc` of a fleet with two clusters that run elsewhere and one link: a supervisor and its worker. */
export class LinkProcess {
  readonly directory: string
  readonly #command: 'up' | 'serve'

  constructor(
    command: 'up' | 'serve',
    bootstrap: { readonly source: readonly string[]; readonly destination: readonly string[] },
  ) {
    this.#command = command
    this.directory = temporaryDirectory('chaos-fleet')
    // Before the folder is removed, which stands in the same list. Its worker ends with it.
    process.prependOnceListener('exit', () => this.#kill())
    const cluster = (name: 'source' | 'destination') =>
      `${name}: { bootstrap: ${JSON.stringify(bootstrap[name])} }`
    const clusters = `clusters: { ${cluster('source')}, ${cluster('destination')} }`
    const link = `links: { ${LINK}: { from: source, to: destination } }`
    writeFileSync(join(this.directory, 'fleet.yaml'), `${clusters}\n${link}\n`)
  }

  /** Starts it, again and again as long as something is in the way; returns when the supervisor answers. */
  async up(): Promise<void> {
    let said = ''
    const start = async () => {
      said = await this.#start()
      return this.supervisorPid !== null
    }
    await waitUntil(`kmc ${this.#command}`, start, { withinMs: 180_000, everyMs: 500, lastSeen: () => said })
  }

  async #start(): Promise<string> {
    if (this.#command === 'up') {
      const { stdout, stderr } = await kmc(this.directory, 'up', '--detach', '--wait', '1s')
      return stdout + stderr
    }
    const serving = startKmc(this.directory, 'serve')
    const answers = () => this.supervisorPid !== null || !isAlive(serving.pid)
    await waitUntil('kmc serve answers or ends', answers, SOON)
    return serving.printed()
  }

  async down(): Promise<void> {
    await kmc(this.directory, 'down')
    await nothingRuns(this.directory)
  }

  #kill(): void {
    const pid = this.supervisorPid
    if (pid !== null) signalled(pid, 'SIGKILL')
  }

  get supervisorPid(): number | null {
    return this.#runner?.pid ?? null
  }

  /** The link as its supervisor sees it; null where none answers. */
  async status(): Promise<LinkOverview | null> {
    const runner = this.#runner
    const status = runner === null ? null : await fetchStatus(runner).catch(() => null)
    return status?.links.find(({ name }) => name === LINK) ?? null
  }

  get #runner(): SupervisorRecord | null {
    return findRunners(this.directory)[0] ?? null
  }

  async workerPid(): Promise<number | null> {
    return (await this.status())?.worker?.pid ?? null
  }

  /** Kills the worker and waits until its supervisor has made another. */
  async killWorker(): Promise<void> {
    const killed = async () => {
      const now = await this.workerPid()
      return now !== null && signalled(now, 'SIGKILL') && now
    }
    const pid = await waitUntil('a worker to kill', killed, SOON)
    const another = async () => {
      const now = await this.workerPid()
      return now !== null && now !== pid
    }
    await waitUntil('another worker', another, SOON)
  }

  /** Kills the supervisor, awaits that its worker has gone with it, and starts it again. */
  async killSupervisor(): Promise<void> {
    const worker = await this.workerPid()
    process.kill(this.supervisorPid!, 'SIGKILL')
    await waitUntil('the worker to go', () => worker === null || !isAlive(worker), SOON)
    await this.up()
  }
}
