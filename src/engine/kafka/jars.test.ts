import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import { ensureKafka } from './jars.ts'

async function makeHome(t: TestContext, names: readonly string[]): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'kmc-home-'))
  t.after(() => rm(home, { recursive: true, force: true }))
  await mkdir(join(home, 'libs'))
  for (const name of names) await writeFile(join(home, 'libs', name), name)
  return home
}

const ensure = (home: string) => ensureKafka({ home }, { cacheDirectory: '/nowhere' })

describe('an unpacked Kafka', () => {
  test('tells its version and logging by its jars, in a fixed order', async (t) => {
    const names = ['kafka_2.13-4.2.0.jar', 'log4j-core-2.25.3.jar', 'kafka-clients-4.2.0.jar', 'README']
    const home = await makeHome(t, names)
    const jars = await ensure(home)
    assert.deepEqual([jars.version, jars.logging], ['4.2.0', 'log4j2'])
    const sorted = ['kafka-clients-4.2.0.jar', 'kafka_2.13-4.2.0.jar', 'log4j-core-2.25.3.jar']
    assert.deepEqual(
      jars.classPath,
      sorted.map((name) => join(home, 'libs', name)),
    )
  })

  test('has another fingerprint when a jar changes', async (t) => {
    const home = await makeHome(t, ['kafka_2.13-3.9.2.jar', 'kafka-clients-3.9.2.jar', 'reload4j-1.jar'])
    const before = await ensure(home)
    assert.equal(before.logging, 'reload4j')
    await writeFile(join(home, 'libs', 'reload4j-1.jar'), 'patched')
    assert.notEqual((await ensure(home)).fingerprint, before.fingerprint)
  })

  test('that is none, or too old, is refused by name', async (t) => {
    await assert.rejects(ensure('/no/such/kafka'), {
      code: 'KAFKA_HOME_INVALID',
      message: /\/no\/such\/kafka\/libs/,
    })
    const empty = await makeHome(t, [])
    await assert.rejects(ensure(empty), { code: 'KAFKA_HOME_INVALID' })
    const old = await makeHome(t, ['kafka_2.13-2.8.0.jar', 'kafka-clients-2.8.0.jar'])
    await assert.rejects(ensure(old), { code: 'KAFKA_VERSION_UNSUPPORTED', message: /Kafka 2\.8\.0/ })
  })
})
