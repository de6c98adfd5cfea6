import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Machine } from './install-hint.ts'
import { findOnPath, installCommand } from './install-hint.ts'

function machine(programs: readonly string[], extra: Partial<Machine> = {}): Machine {
  return {
    platform: 'linux',
    root: false,
    has: (program) => programs.includes(program),
    osRelease: '',
    ...extra,
  }
}

describe('installCommand', () => {
  test('names the packages that a Debian or Ubuntu release has', () => {
    const has = ['apt-get', 'sudo']
    const command = (osRelease: string) => installCommand(['java', 'maven'], machine(has, { osRelease }))
    const old = 'ID=debian\nVERSION_ID="12"\n'
    assert.equal(command(old), 'sudo apt-get install -y openjdk-17-jre-headless maven')
    assert.equal(
      command('ID=debian\nVERSION_ID="13"\n'),
      'sudo apt-get install -y openjdk-21-jre-headless maven',
    )
    assert.equal(
      command('ID=ubuntu\nVERSION_ID="22.04"\n'),
      'sudo apt-get install -y openjdk-21-jre-headless maven',
    )
  })

  test('asks for sudo only where it is needed and there', () => {
    assert.equal(installCommand(['maven'], machine(['dnf', 'sudo'])), 'sudo dnf install -y maven')
    assert.equal(installCommand(['maven'], machine(['apk', 'sudo'], { root: true })), 'apk add maven')
    assert.equal(installCommand(['maven'], machine(['apk'])), 'apk add maven')
    assert.equal(
      installCommand(['java'], machine(['brew', 'sudo'], { platform: 'darwin' })),
      'brew install openjdk@21',
    )
  })

  test('is silent where no package manager is known', () => {
    assert.equal(installCommand(['java'], machine([])), undefined)
  })
})

test('findOnPath finds what can be run', () => {
  assert.equal(findOnPath('sh', '/nowhere:/bin'), '/bin/sh')
  assert.equal(findOnPath('passwd', '/etc'), undefined)
  assert.equal(findOnPath('sh', ''), undefined)
})
