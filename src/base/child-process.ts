/**
 * Ends a process that its parent forked. Messages to the parent are written first, as `disconnect` waits for them; the
 * listeners by which the process noticed its parent's end are taken off.
 */
export function leaveParent(code: number): void {
  process.exitCode = code
  process.removeAllListeners('disconnect')
  process.once('disconnect', () => process.exit(code))
  if (process.connected) process.disconnect()
  else process.exit(code)
}
