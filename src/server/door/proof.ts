import { BlockList, isIP } from 'node:net'
import { isLoopback } from '../../base/loopback.ts'
import type { Method } from '../http/route.ts'

/** The parts of a request by which its sender is known. */
export type Proof = {
  readonly method: Method
  /** The name that the request came in under, with its port. */
  readonly host: string | undefined
  /** Of the sender, as far as it is known: behind a listed proxy what that says. */
  readonly address: string
  /** Whether nobody on the way could read it: TLS here, TLS at a listed proxy, or it never left this machine. */
  readonly isPrivate: boolean
  /** Whether browsers see https. */
  readonly isTls: boolean
  readonly origin: string | undefined
  readonly fetchSite: string | undefined
  readonly contentType: string | undefined
  readonly authorization: string | undefined
  readonly cookie: string | undefined
}

/** A request as it came in at the socket. */
export type Arrival = {
  readonly method: string
  readonly peer: string
  readonly encrypted: boolean
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** Addresses of proxies: single ones and ranges. */
export class Proxies {
  readonly #list = new BlockList()

  constructor(ranges: readonly string[]) {
    for (const range of ranges) {
      const [address, bits] = range.split('/') as [string, string | undefined]
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
      if (bits === undefined) this.#list.addAddress(address, family)
      else this.#list.addSubnet(address, Number(bits), family)
    }
  }

  includes(address: string): boolean {
    const family = isIP(address)
    return family !== 0 && this.#list.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }
}

/** What a request proves. Headers of proxies count only where the other end of the socket is a listed one. */
export function proofOf({ method, peer, encrypted, headers }: Arrival, proxies: Proxies): Proof {
  const address = withoutMapping(peer)
  const isProxied = proxies.includes(address)
  const scheme = isProxied ? text(headers['x-forwarded-proto']) : undefined
  const host = (isProxied ? text(headers['x-forwarded-host']) : undefined) ?? text(headers.host)
  const isTls = encrypted || scheme === 'https'
  const sender = isProxied ? senderBehind(text(headers['x-forwarded-for']), proxies) : null
  return {
    method: method as Method,
    host,
    address: sender ?? address,
    isPrivate: isTls || (!isProxied && isLoopback(address)),
    isTls,
    origin: text(headers.origin),
    fetchSite: text(headers['sec-fetch-site']),
    contentType: text(headers['content-type']),
    authorization: text(headers.authorization),
    cookie: text(headers.cookie),
  }
}

/** Each proxy adds whom it heard: from the right, the first that is no proxy itself. */
function senderBehind(forwarded: string | undefined, proxies: Proxies): string | null {
  const hops = (forwarded ?? '').split(',').map((hop) => withoutMapping(hop.trim()))
  const sender = hops.findLast((hop) => !proxies.includes(hop))
  return sender !== undefined && isIP(sender) !== 0 ? sender : null
}

/** A socket for both families names its IPv4 peers `::ffff:10.0.0.7`. */
function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}

function text(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
