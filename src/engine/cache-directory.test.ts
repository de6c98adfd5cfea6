import assert from 'node:assert/strict'
import { homedir } from 'node:os'
import { test } from 'node:test'
import { cacheDirectory } from './cache-directory.ts'

test('the cache is where the operator says, else where XDG says, else in the home', () => {
  assert.equal(cacheDirectory({ KMC_CACHE: '/a', XDG_CACHE_HOME: '/b' }), '/a')
  assert.equal(cacheDirectory({ KMC_CACHE: '', XDG_CACHE_HOME: '/b' }), '/b/kmc')
  assert.equal(cacheDirectory({}), `${homedir()}/.cache/kmc`)
})
