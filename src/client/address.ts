import { isIPv6 } from 'node:net'
import { ClientError } from './errors.ts'

export type Address = { readonly host: string; readonly port: number }

const PORT_MAX = 65_535

/** Reads `host:port` or `[ipv6]:port`. Throws ADDRESS_INVALID. */
export function parseAddress(text: string): Address {
  const match = /^(?:\[([^\]]+)\]|([^:/[\]\s]+)):(\d{1,5})$/.exec(text.trim())
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || (match?.[1] !== undefined && !isIPv6(host))) throw invalid(text)
  if (port < 1 || port > PORT_MAX) throw invalid(text)
  return { host, port }
}

/** The text that `parseAddress` reads. */
export function formatAddress({ host, port }: Address): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}

function invalid(text: string): ClientError {
  return new ClientError('ADDRESS_INVALID', `"${text}" is not an address of the form host:port.`)
}
