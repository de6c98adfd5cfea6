import assert from 'node:assert/strict'
import { KmcError } from '../../src/base/error.ts'

/** Asserts that `action` throws a KmcError with this code. */
export function assertCode(code: string, action: () => unknown): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof KmcError, String(error))
    assert.equal(error.code, code, error.message)
    return true
  })
}
