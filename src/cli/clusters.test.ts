import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, test } from 'node:test'
import { readText } from '../../test/kit/read-text.ts'
import { askEach, connectOne } from './clusters.ts'
import type { CommandContext } from './command.ts'
import { Output } from './output.ts'

const folder = mkdtempSync(join(tmpdir(), 'kmc-clusters-'))
after(() => rmSync(folder, { recursive: true }))

/** Ports where nothing listens. */
async function closedPorts(): Promise<number[]> {
  const servers = [createServer(), createServer(), createServer()]
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((done) => {
          server.listen(0, '127.0.0.1', () => done((server.address() as { port: number }).port))
        }),
    ),
  )
  for (const server of servers) server.close()
  return ports
}

async function context(): Promise<{ context: CommandContext; stderr: PassThrough }> {
  const [first, second, third] = await closedPorts()
  const fleetPath = join(folder, 'fleet.yaml')
  const clusters = {
    seoul: { bootstrap: [`127.0.0.1:${first}`] },
    busan: { bootstrap: [`127.0.0.1:${second}`] },
    jeju: {
      bootstrap: [`127.0.0.1:${third}`],
      sasl: { mechanism: 'PLAIN', username: 'u', password: 'env:KMC_TEST_NOT_SET' },
    },
  }
  writeFileSync(fleetPath, JSON.stringify({ fleet: 'f', clusters }))
  const stderr = new PassThrough()
  const out = new Output({ stdout: new PassThrough(), stderr, format: 'json', color: false, debug: false })
  const signal = new AbortController().signal
  return { context: { out, fleetPath, signal, stdin: process.stdin, debug: false }, stderr }
}

const never = async () => assert.fail('no cluster is there')

test('a cluster that the fleet lacks is named, with the one that was meant', async () => {
  const given = await context()
  await assert.rejects(connectOne(given.context, 'seol'), {
    code: 'CLUSTER_UNKNOWN',
    remedy: 'Did you mean seoul?',
  })
})

test('a command on one cluster wants it named where there are several', async () => {
  const given = await context()
  await assert.rejects(connectOne(given.context, undefined), {
    code: 'CLUSTER_NOT_CHOSEN',
    message: /seoul, busan, jeju/,
  })
})

test('a secret that is missing is the trouble of its own cluster', async () => {
  const given = await context()
  await assert.rejects(connectOne(given.context, 'seoul'), { code: 'BOOTSTRAP_UNREACHABLE' })
  await assert.rejects(connectOne(given.context, 'jeju'), { code: 'SECRET_UNAVAILABLE' })
})

test('when none answers each says why, and the command fails', async () => {
  const given = await context()
  await assert.rejects(askEach(given.context, undefined, never), { code: 'NO_CLUSTER_ANSWERED' })
  const lines = readText(given.stderr).trim().split('\n')
  const codes = lines.map((line) => (JSON.parse(line) as { error: { code: string } }).error.code)
  assert.deepEqual(codes, ['BOOTSTRAP_UNREACHABLE', 'BOOTSTRAP_UNREACHABLE', 'SECRET_UNAVAILABLE'])
})

test('the only cluster that was asked fails with its own error', async () => {
  const given = await context()
  await assert.rejects(askEach(given.context, 'busan', never), { code: 'BOOTSTRAP_UNREACHABLE' })
  assert.equal(readText(given.stderr), '')
})
