import { messageOf } from '../../src/base/error.ts'
import { silentLog } from '../../src/base/log.ts'
import type { ClusterConfig } from '../../src/client/config.ts'
import { Route } from '../../src/gateway/route.ts'

/** A process of its own with one route, so that its CPU and memory are the gateway's alone. */
export type FrontStart = { readonly cluster: ClusterConfig; readonly port: number }
export type FrontSays = { readonly ready: true } | { readonly ready: false; readonly why: string }

process.on('disconnect', () => process.exit(0))
process.once('message', (message) => void serve(message as FrontStart))

async function serve({ cluster, port }: FrontStart): Promise<void> {
  const clusters = [{ name: cluster.name, config: cluster }]
  const listen = { host: '127.0.0.1', port, slots: 1 }
  try {
    await Route.start({ name: 'bench', listen, clusters, active: cluster.name }, { log: silentLog })
    process.send!({ ready: true } satisfies FrontSays)
  } catch (error) {
    process.send!({ ready: false, why: messageOf(error) } satisfies FrontSays)
    process.disconnect()
  }
}
