import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { Route } from '../../src/gateway/route.ts'
import type { RouteSpec } from '../../src/gateway/spec.ts'

const HOST = '127.0.0.1'

/** A port that nobody used a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

export type LiveRoute = { readonly route: Route; readonly port: number } & AsyncDisposable

/** A route on live sockets over one cluster, which is usually a scripted broker. */
export async function startTestRoute(
  bootstrap: readonly string[],
  more: Partial<RouteSpec> = {},
  clock: Clock = systemClock,
): Promise<LiveRoute> {
  const port = await freePort()
  const clusters = [{ name: 'one', config: { name: 'one', bootstrap } }]
  const spec = { name: 'r', listen: { host: HOST, port, slots: 1 }, clusters, active: 'one', ...more }
  const route = await Route.start(spec, { log: silentLog, clock })
  return { route, port, [Symbol.asyncDispose]: () => route.stop() }
}

/** A client's socket; what breaks it shows as its 'close'. */
export async function dial(port: number): Promise<Socket> {
  const socket = connect(port, HOST)
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** Waits for a condition; the limit is the test's own. */
export async function until(look: () => boolean): Promise<void> {
  while (!look()) await new Promise((resolve) => setTimeout(resolve, 5))
}
