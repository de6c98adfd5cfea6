import { BlockList, isIP } from 'node:net'
import { parseAddress } from './address.ts'
import type { ClusterConfig } from './config.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** What is allowed in a configuration and yet should not go unsaid; one sentence each. */
export function configWarnings({ name, bootstrap, tls, sasl }: ClusterConfig): string[] {
  const warnings: string[] = []
  if (tls?.verify === false) {
    warnings.push(
      `TLS of cluster ${name} is not verified (verify: false): whoever is in between can read and write.`,
    )
  }
  const isReadable = sasl?.mechanism === 'PLAIN' || sasl?.mechanism === 'OAUTHBEARER'
  if (isReadable && tls === undefined && !bootstrap.every(isLocal)) {
    warnings.push(
      `Cluster ${name} is sent its ${sasl.mechanism} secret without TLS: whoever is in between can read it.`,
    )
  }
  return warnings
}

function isLocal(address: string): boolean {
  const { host } = parseAddress(address)
  return (
    host === 'localhost' || (isIP(host) !== 0 && loopback.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4'))
  )
}
