import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, test } from 'node:test'
import {
  choosePorts,
  ephemeralPorts,
  isPortFree,
  listeningInodes,
  portHolder,
  releasePorts,
  requirePortFree,
} from './ports.ts'

describe('ports', () => {
  test('a port with a listener is taken, by a process that can be named', async (t) => {
    const [port = 0] = await ephemeralPorts(1)
    assert.equal(await isPortFree(port), true)
    const server = createServer().listen({ host: '127.0.0.1', port })
    t.after(() => server.close())
    await once(server, 'listening')
    assert.equal(await isPortFree(port), false)
    assert.equal((await portHolder(port))?.pid, process.pid)
    await assert.rejects(requirePortFree(port, 'broker 1'), (error: Error) => {
      assert.match(
        error.message,
        new RegExp(`Port ${port}, needed by broker 1, is taken by process ${process.pid}`),
      )
      return true
    })
  })

  test('chosen ports are not chosen again until they are released', async () => {
    const [base = 0] = await ephemeralPorts(1)
    const [first, second] = await Promise.all([choosePorts(base, 2), choosePorts(base, 2)])
    assert.equal(new Set([...first, ...second]).size, 4)
    releasePorts(first)
    assert.deepEqual(await choosePorts(base, 2), first)
    releasePorts([...first, ...second])
  })

  test('the numbers end', async () => {
    await assert.rejects(choosePorts(65_535, 5), { code: 'PORT_TAKEN' })
  })

  test('only listeners on the very port count in the kernel’s table', () => {
    const table = `  sl  local_address rem_address   st queues tr uid timeout inode
   0: 0100007F:4A94 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1
   1: 0100007F:4A94 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 222 1
   2: 0100007F:4A95 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1
`
    assert.deepEqual(listeningInodes(table, 0x4a94), ['111'])
    assert.deepEqual(listeningInodes('', 1), [])
  })
})
