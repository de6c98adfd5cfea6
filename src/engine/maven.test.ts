import assert from 'node:assert/strict'
import { test } from 'node:test'
import { downloadedFile, findMaven } from './maven.ts'

test('downloadedFile reads the names of what Maven downloaded, and nothing else', () => {
  const line = 'Downloaded from central: https://example.org/maven2/org/a/b/1.0/b-1.0.jar (1.2 MB at 3 MB/s)'
  assert.equal(downloadedFile(line), 'b-1.0.jar')
  assert.equal(downloadedFile(`[INFO] ${line}`), 'b-1.0.jar')
  assert.equal(downloadedFile(line.replace('Downloaded', 'Downloading')), undefined)
  assert.equal(downloadedFile('[INFO] BUILD SUCCESS'), undefined)
})

test('findMaven says what is missing', () => {
  assert.throws(() => findMaven({ PATH: '/nowhere' }), { code: 'MAVEN_MISSING' })
})
