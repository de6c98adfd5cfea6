import type { Notification } from '../message.ts'

/** Where alerts go. */
export type Receiver = {
  readonly name: string
  /** Errors: ALERT_NOT_DELIVERED; what may be tried again is retriable. */
  readonly send: (notification: Notification, signal: AbortSignal) => Promise<void>
}
