import { isLoopback } from '../../base/loopback.ts'

/**
 * A test for the Host header: names of this machine, the address listened at, and those listed. It keeps out web pages
 * that reach the port through a name of their own (DNS rebinding).
 */
export function hostTest({ listen, hosts }: { readonly listen: string; readonly hosts: readonly string[] }) {
  const names = new Set([listen, ...hosts].map((name) => name.toLowerCase()))
  return (header: string | undefined): boolean => {
    const name = nameIn(header)
    return name !== null && (isLoopback(name) || names.has(name))
  }
}

/** `127.0.0.1:8686`, `kmc.example.com`, `[::1]:8686`: the name before the port. */
export function nameIn(header: string | undefined): string | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header ?? '')
  return (match?.[1] ?? match?.[2])?.toLowerCase() ?? null
}
