import type { GatewayError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { View } from '../rewrite/view.ts'
import type { Call, Rules } from '../state/rules.ts'
import type { Verdict } from './verdict.ts'

/** The sockets of a session. */
export type Edge = {
  toClient(bytes: Buffer): void
  toBroker(bytes: Buffer): void
  /** Asks for a connection to a broker; `brokerOpened` follows, sooner or later. May be called again and again. */
  needBroker(): void
  /** An answer went on by itself: what is read of either side may be more now. */
  changed(): void
  /** Closes both sides. */
  close(reason: GatewayError): void
}

/** What an ApiVersions answer is made of. */
export type VersionOffer = {
  readonly fingerprint: string
  answer(version: number, correlationId: number): Buffer[]
}

/** Who may come in: null from `judge` means that the request is none of its business. */
export type Login = {
  readonly isDone: boolean
  judge(call: Call): Verdict | null
}

export type CensusTaker = {
  noteLibrary(session: object, frame: Buffer, version: number): void
  noteTopics(session: object, call: Call): void
}

/** What a session asks of its route. */
export type Host = {
  readonly limits: Limits
  readonly rules: Rules
  readonly login: Login
  readonly census: CensusTaker
  /** How clients see the active cluster. */
  view(): View
  /** What clients may use; null as long as no cluster could be asked. */
  offer(): VersionOffer | null
  /** Reads all topics of the active cluster anew. */
  learn(): Promise<void>
}
