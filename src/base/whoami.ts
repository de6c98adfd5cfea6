import { hostname, userInfo } from 'node:os'

/** Who runs this process, and where. */
export function whoami(): { user: string; host: string } {
  return { user: userName(), host: hostname() }
}

/** A container may run under a number that no user has. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
