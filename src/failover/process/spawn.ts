import { fileURLToPath } from 'node:url'
import { packSecrets } from '../../base/packed.ts'
import { ChildWorker, forkWorker } from '../../link/worker/spawn.ts'
import type { RouteKeeperSpec } from '../keeper/route-keeper.ts'
import type { GatewayStatus } from '../keeper/status.ts'
import type { ToGateway } from './messages.ts'

const PROGRAM = fileURLToPath(new URL('./main.ts', import.meta.url))

/** What a gateway is started with; the process adds what it knows of itself. */
export type GatewaySpec = {
  readonly route: RouteKeeperSpec['route']
  readonly keeper: Omit<RouteKeeperSpec['keeper'], 'host' | 'pid' | 'since'>
}

/** Starts a gateway of one route as a process of its own. It ends by itself when this process is gone. */
export function spawnGateway(
  spec: GatewaySpec,
  { logFile }: { readonly logFile: string },
): ChildWorker<GatewayStatus> {
  const child = forkWorker(PROGRAM, [spec.route.name])
  const worker = new ChildWorker<GatewayStatus>(child)
  child.send({ type: 'start', spec: packSecrets(spec), logFile } satisfies ToGateway)
  return worker
}
