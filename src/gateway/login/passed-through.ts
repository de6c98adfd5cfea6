import { decodeResponseFrame } from '../../wire/api.ts'
import { SaslHandshake } from '../../wire/apis/017-sasl-handshake.ts'
import { SaslAuthenticate } from '../../wire/apis/036-sasl-authenticate.ts'
import { GatewayError } from '../errors.ts'
import { versionOf } from '../frames/request-head.ts'
import { LOGIN_FRAME_BYTES_MAX, LOGIN_MESSAGES_MAX } from '../limits.ts'
import type { Verdict } from '../session/verdict.ts'
import { answerBody, bodyOf } from '../state/call.ts'
import type { Call } from '../state/rules.ts'
import type { Calls } from '../upstream/calls.ts'
import type { RouteLogin } from './login.ts'

/** Mechanisms whose messages say the same each time; SCRAM answers a challenge that is new at every broker. */
const REPEATABLE_MECHANISMS: ReadonlySet<string> = new Set(['PLAIN', 'OAUTHBEARER'])
const SIZE_BYTES = 4

/**
 * SASL between client and broker, carried as it is. The messages are kept (in memory alone, never shown), so that
 * another broker can be told the same.
 */
export class PassedThroughLogin implements RouteLogin {
  readonly isDone = true
  /** The client renews its session by itself, through the gateway. */
  readonly endsAt = Number.POSITIVE_INFINITY
  #mechanism: string | null = null
  #frames: Buffer[] = []
  #next: Buffer[] = []

  get principal(): string | null {
    return null
  }

  get isRepeatable(): boolean {
    return this.#mechanism === null || REPEATABLE_MECHANISMS.has(this.#mechanism)
  }

  judge(call: Call): Verdict | null {
    const isLogin = call.api.key === SaslHandshake.key || call.api.key === SaslAuthenticate.key
    if (isLogin && (call.frame.length > LOGIN_FRAME_BYTES_MAX || this.#next.length >= LOGIN_MESSAGES_MAX))
      throw new GatewayError('GATEWAY_LOGIN_FAILED', 'A login that is too long.')
    if (call.api.key === SaslHandshake.key) {
      this.#mechanism = bodyOf(SaslHandshake, call).mechanism
      this.#next = [Buffer.from(call.frame)]
    } else if (call.api.key === SaslAuthenticate.key) {
      this.#next.push(Buffer.from(call.frame))
      const change = (frame: Buffer): Buffer[] => {
        if (answerBody(SaslAuthenticate, call, frame).errorCode === 0) this.#frames = this.#next
        return [frame]
      }
      return { kind: 'pass', change }
    }
    return null
  }

  async repeat(calls: Calls): Promise<void> {
    const [handshake, ...messages] = this.#frames
    // Nobody has logged in yet: the client is about to, at this very broker.
    if (handshake === undefined) return
    if (!this.isRepeatable) throw notRepeatable(this.#mechanism)
    check(
      decodeResponseFrame(SaslHandshake, versionOf(handshake), content(await calls.frame([handshake]))).body,
    )
    for (const message of messages)
      check(
        decodeResponseFrame(SaslAuthenticate, versionOf(message), content(await calls.frame([message]))).body,
      )
  }
}

function content(frame: Buffer): Buffer {
  return frame.subarray(SIZE_BYTES)
}

function check({ errorCode }: { readonly errorCode: number }): void {
  if (errorCode === 0) return
  const message = `The next broker refused the login that the last one took (error ${errorCode}).`
  throw new GatewayError('GATEWAY_LOGIN_FAILED', message)
}

function notRepeatable(mechanism: string | null): GatewayError {
  const message = `A login by ${mechanism} answers a challenge, so it cannot be said again to another broker.`
  return new GatewayError('GATEWAY_LOGIN_NOT_REPEATABLE', message)
}
