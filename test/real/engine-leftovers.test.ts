import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRunning, processIdentity } from '../../src/engine/processes/identity.ts'
import { makeCluster, scratchDirectory } from './engine-support.ts'

const TIMEOUT_MS = 600_000
const GONE_WITHIN_MS = 60_000

/** A kmc that runs one cluster and tells the broker's pid. */
const supervisor = `
import { ManagedCluster } from '${new URL('../../src/engine/kafka/cluster.ts', import.meta.url)}'
import { answersApiVersions, rememberingLog } from '${new URL('./engine-support.ts', import.meta.url)}'
const spec = JSON.parse(process.argv[1])
const cluster = new ManagedCluster(spec, { probe: answersApiVersions, log: rememberingLog() })
await cluster.start()
console.log(cluster.nodes[0].pid)
`

describe('when kmc itself ends', { timeout: TIMEOUT_MS }, () => {
  for (const [how, basePort] of [['SIGKILL', 20580] as const, ['SIGTERM', 20584] as const]) {
    test(`by ${how}, no broker outlives it, and the next one takes over`, async (t) => {
      const directory = await scratchDirectory(t)
      const spec = {
        name: 'orphan',
        directory,
        kafka: { version: '4.3.1' },
        brokers: 1,
        basePort,
        security: false,
      }
      const { parent, pid } = await startSupervisor(t, spec)
      const identity = processIdentity(pid)
      assert.ok(identity !== undefined)
      parent.kill(how)
      await once(parent, 'exit')
      const deadline = Date.now() + GONE_WITHIN_MS
      while (isRunning(pid, identity) && Date.now() < deadline) await sleep(50)
      assert.equal(isRunning(pid, identity), false)
      await (await makeCluster(t, spec)).start()
    })
  }

  test('and the next one starts at once, the leftover broker is ended first', async (t) => {
    const directory = await scratchDirectory(t)
    const spec = {
      name: 'orphan',
      directory,
      kafka: { version: '4.3.1' },
      brokers: 1,
      basePort: 20588,
      security: false,
    }
    const { parent, pid } = await startSupervisor(t, spec)
    const identity = processIdentity(pid) ?? ''
    parent.kill('SIGKILL')
    await once(parent, 'exit')
    const next = await makeCluster(t, spec)
    await next.start()
    assert.equal(isRunning(pid, identity), false)
    assert.notEqual(next.nodes[0]?.pid, pid)
  })
})

async function startSupervisor(t: TestContext, spec: object): Promise<{ parent: ChildProcess; pid: number }> {
  const args = ['--input-type=module', '--eval', supervisor, JSON.stringify(spec)]
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => parent.kill('SIGKILL'))
  const [line] = (await once(parent.stdout!, 'data')) as [Buffer]
  return { parent, pid: Number(line.toString()) }
}
