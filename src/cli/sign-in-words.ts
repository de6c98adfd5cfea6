import type { Front } from '../server/front.ts'

/** Where the fleet can be watched, with a link that signs in. */
export function signInWords(front: Front | null): string {
  return consoleWords(front?.signInLink() ?? null)
}

export function consoleWords(link: string | null): string {
  if (link === null) return 'console: not open, as its port is taken or 0; --console-port chooses another'
  return `console: ${link} (once, within ten minutes; then: kmc console)`
}
