import { isLoopback } from '../../../base/loopback.ts'
import type { ServerDeclaration } from '../server-schema.ts'
import { SERVER_PORT } from '../server-schema.ts'
import { type CheckContext, checkClusterName, report } from './context.ts'

/** Checks of `server`: nothing is shown in clear beyond this machine, and roles name what there is. */
export function checkServer(context: CheckContext): void {
  const { server } = context.fleet
  if (server === undefined) return
  checkBinding(context, server)
  checkMembers(context, server)
  checkPorts(context, server)
  if (server.rest !== undefined) checkClusterName(context, ['server', 'rest', 'cluster'], server.rest.cluster)
}

function checkBinding(context: CheckContext, { listen, tls, proxies }: ServerDeclaration): void {
  if (isLoopback(listen) || tls !== undefined || proxies.length > 0) return
  const why = `${listen} can be reached from other machines, and what is sent there could be read on the way`
  report(context, ['server', 'listen'], `${why}; add tls, or proxies where TLS ends before kmc`)
}

function checkMembers(context: CheckContext, { roles, tokens, oidc }: ServerDeclaration): void {
  for (const [name, { clusters = [], members }] of Object.entries(roles)) {
    const at = ['server', 'roles', name]
    for (const [index, cluster] of clusters.entries()) {
      if (!/[*?!]/.test(cluster)) checkClusterName(context, [...at, 'clusters', index], cluster)
    }
    for (const [index, member] of members.entries()) {
      const [kind, who] = [member.slice(0, member.indexOf(':')), member.slice(member.indexOf(':') + 1)]
      const path = [...at, 'members', index]
      if (kind === 'token' && !Object.hasOwn(tokens, who)) {
        report(
          context,
          path,
          `there is no such token; the tokens are ${Object.keys(tokens).join(', ') || 'none'}`,
        )
      } else if (kind !== 'token' && oidc === undefined) {
        report(context, path, `${kind}: goes by OpenID Connect; add oidc`)
      }
    }
  }
}

function checkPorts(context: CheckContext, { port = SERVER_PORT }: ServerDeclaration): void {
  if (port === context.fleet.metrics?.port) {
    report(context, ['server', 'port'], `port ${port} is that of metrics already`)
  }
}
