import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { KmcError } from '../base/error.ts'
import { findJava, parseJavaSettings } from './java.ts'

const settings = (home: string, version: string) => `Property settings:
    java.home = ${home}
    java.specification.version = ${version}
    java.vendor = Debian
    java.vm.name = OpenJDK 64-Bit Server VM
    java.vm.version = ${version}.0.15+6
    os.arch = amd64

openjdk version "${version}.0.15"
`

describe('parseJavaSettings', () => {
  test('reads home, major version and build', () => {
    assert.deepEqual(parseJavaSettings(settings('/opt/my java', '17')), {
      home: '/opt/my java',
      executable: '/opt/my java/bin/java',
      keytool: '/opt/my java/bin/keytool',
      major: 17,
      build: 'OpenJDK 64-Bit Server VM 17.0.15+6 Debian amd64',
    })
  })

  test('knows that 1.8 is 8, and that other text is no Java', () => {
    assert.equal(parseJavaSettings(settings('/j', '1.8'))?.major, 8)
    assert.equal(parseJavaSettings('command not found'), undefined)
  })
})

describe('findJava', { timeout: 30_000 }, () => {
  test('takes the first that is new enough', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'kmc-java-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    const old = await fakeJava(folder, 'old', '11')
    const good = await fakeJava(folder, 'good', '21')
    const java = await findJava({ JAVA_HOME: old, PATH: join(good, 'bin') })
    assert.deepEqual([java.home, java.major], [good, 21])
  })

  test('says what it found instead and how to install one', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'kmc-java-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    const old = await fakeJava(folder, 'old', '11')
    const error: unknown = await findJava({ JAVA_HOME: old, PATH: '' }).catch((caught: unknown) => caught)
    assert.ok(error instanceof KmcError)
    assert.equal(error.code, 'JAVA_MISSING')
    assert.match(error.message, /found only: .*old\/bin\/java is Java 11/)
    assert.ok(error.remedy !== undefined)
  })
})

/** A script that answers as a Java of that version would. */
async function fakeJava(folder: string, name: string, version: string): Promise<string> {
  const home = join(folder, name)
  await mkdir(join(home, 'bin'), { recursive: true })
  await writeFile(
    join(home, 'bin', 'java'),
    `#!/bin/sh\n/bin/cat >&2 <<'END'\n${settings(home, version)}\nEND\n`,
  )
  await chmod(join(home, 'bin', 'java'), 0o755)
  return home
}
