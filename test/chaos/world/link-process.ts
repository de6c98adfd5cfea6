import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LinkOverview } from '../../../src/fleet/run/fleet-status.ts'
import { findSupervisor } from '../../../src/server/find-supervisor.ts'
import { supervisorStatus } from '../../../src/server/fleet-status.ts'
import { isAlive, kmc, nothingRuns, signalled } from '../../harness/kmc.ts'
import { temporaryDirectory } from '../../harness/temporary.ts'
import { waitUntil } from '../../harness/wait.ts'

const SOON = { withinMs: 120_000, everyMs: 100 }
const LINK = 'chaos'

/** `kmc up` of a fleet with two clusters that run elsewhere and one link: a supervisor and its worker. */
export class LinkProcess {
  readonly directory: string

  constructor(bootstrap: { readonly source: readonly string[]; readonly destination: readonly string[] }) {
    this.directory = temporaryDirectory('chaos-fleet')
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
      const { stdout, stderr } = await kmc(this.directory, 'up', '--detach', '--wait', '1s')
      said = stdout + stderr
      return this.supervisorPid !== null
    }
    await waitUntil('kmc up', start, { withinMs: 180_000, everyMs: 500, lastSeen: () => said })
  }

  async down(): Promise<void> {
    await kmc(this.directory, 'down')
    await nothingRuns(this.directory)
  }

  get supervisorPid(): number | null {
    return findSupervisor(this.directory)?.pid ?? null
  }

  /** The link as its supervisor sees it; null where none answers. */
  async status(): Promise<LinkOverview | null> {
    const status = await supervisorStatus(this.directory).catch(() => null)
    return status?.links.find(({ name }) => name === LINK) ?? null
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
