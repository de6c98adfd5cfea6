import type { GatewayStatus } from '../keeper/status.ts'

/** What the parent tells a gateway. The spec carries secrets, so it goes by IPC only. */
export type ToGateway =
  | { readonly type: 'start'; readonly spec: unknown; readonly logFile: string }
  | { readonly type: 'stop' }

export type FromGateway =
  | { readonly type: 'status'; readonly status: GatewayStatus }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }

/** Exit codes of a gateway, so that the parent knows whether to start it again. */
export const gatewayExit = { stopped: 0, failed: 1 } as const
