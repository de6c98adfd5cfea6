import type { GatewayStatus } from '../../failover/keeper/status.ts'
import type { RouteState } from '../../fleet/run/route-overview.ts'
import { phases } from '../../gateway/spec.ts'
import { counter, gauge, type Metric, type MetricsView, type Row } from './metric.ts'

const routeStates: readonly RouteState[] = [
  'serving',
  'switching',
  'waiting',
  'faulted',
  'stopped',
  'unknown',
]
const fences: readonly GatewayStatus['fence'][] = ['none', 'hold', 'refuse']

/** Of the gateway of each route on this machine; absent where none says. */
const ofGateways =
  (value: (gateway: GatewayStatus) => number | null) =>
  ({ status }: MetricsView): Row[] =>
    status.routes.map(({ name, gateway }) => [[name], gateway === null ? null : value(gateway)])

/** 1 for the word that holds, 0 for the others. */
const oneOf =
  <Word extends string>(words: readonly Word[], value: (gateway: GatewayStatus) => Word) =>
  ({ status }: MetricsView): Row[] =>
    status.routes.flatMap(({ name, gateway }) =>
      gateway === null ? [] : words.map((word): Row => [[name, word], Number(value(gateway) === word)]),
    )

const ofRoute = ['route']

/** What is told of routes, as the gateways of this machine see them. */
export const routeMetrics: readonly Metric[] = [
  gauge(
    'kmc_route_info',
    'Which clusters the route can lead to; always 1.',
    ({ status }) => status.routes.map(({ name, primary, standby }) => [[name, primary, standby], 1]),
    ['route', 'primary', 'standby'],
  ),
  gauge(
    'kmc_route_state',
    'The state of the route here: 1 for the one it is in, 0 for the others.',
    ({ status }) =>
      status.routes.flatMap(({ name, state }) =>
        routeStates.map((one): Row => [[name, one], Number(one === state)]),
      ),
    ['route', 'state'],
  ),
  gauge(
    'kmc_route_leads_to',
    'The cluster that the gateway serves from: 1 for it, 0 for the other one.',
    ({ status }) =>
      status.routes.flatMap(({ name, primary, standby, active }) =>
        active === null ? [] : [primary, standby].map((one): Row => [[name, one], Number(one === active)]),
      ),
    ['route', 'cluster'],
  ),
  gauge(
    'kmc_route_epoch',
    'The number of the record that the gateway obeys.',
    ofGateways(({ epoch }) => epoch),
    ofRoute,
  ),
  gauge(
    'kmc_route_phase',
    'The phase of the gateway in a failover: 1 for the one it is in, 0 for the others.',
    oneOf(phases, ({ phase }) => phase),
    ['route', 'phase'],
  ),
  gauge(
    'kmc_route_fence',
    'What becomes of writes outside of a failover: 1 for what holds, 0 for the others.',
    oneOf(fences, ({ fence }) => fence),
    ['route', 'fence'],
  ),
  gauge(
    'kmc_route_takes_writes',
    'Whether the gateway lets writes pass (1) or not (0): it must have seen the state of the route lately.',
    ofGateways(({ mayWrite }) => Number(mayWrite)),
    ofRoute,
  ),
  gauge(
    'kmc_route_connections',
    'Connections of clients to the gateway.',
    ofGateways(({ connections }) => connections),
    ofRoute,
  ),
  gauge(
    'kmc_route_parked_connections',
    'Connections whose requests wait in the gateway.',
    ofGateways(({ parkedConnections }) => parkedConnections),
    ofRoute,
  ),
  gauge(
    'kmc_route_parked_bytes',
    'Bytes of requests that wait in the gateway.',
    ofGateways(({ parkedBytes }) => parkedBytes),
    ofRoute,
  ),
  gauge(
    'kmc_route_clients',
    'Applications that use the gateway, or have used it since it started.',
    ofGateways(({ clients }) => clients.length),
    ofRoute,
  ),
  gauge(
    'kmc_route_direct_writers',
    'Producers that wrote to the other cluster in the last five minutes, past the route; what has none is one.',
    ofGateways(({ left }) => new Set(left?.directWriters.map(({ producerId }) => producerId)).size),
    ofRoute,
  ),
  gauge(
    'kmc_route_left_denied',
    'Whether the cluster that the route has left denies clients to write there (1) or not, or not all (0).',
    ofGateways(({ left }) => (left?.fence ? Number(left.fence.state === 'raised') : null)),
    ofRoute,
  ),
  counter(
    'kmc_route_closed_connections_total',
    'Connections that the gateway closed, by the code of the reason (docs/reference/errors.md).',
    ({ status }) =>
      status.routes.flatMap(({ name, gateway }) =>
        Object.entries(gateway?.closed ?? {}).map(([code, count]): Row => [[name, code], count]),
      ),
    ['route', 'code'],
  ),
  counter(
    'kmc_route_gateway_restarts_total',
    'How often the gateway was started again since the supervisor started.',
    ({ status }) => status.routes.map(({ name, worker }) => [[name], worker?.restarts ?? null]),
    ofRoute,
  ),
]
