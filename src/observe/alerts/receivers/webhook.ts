import { messageOf } from '../../../base/error.ts'
import { isLoopback } from '../../../base/loopback.ts'
import type { Secret } from '../../../base/secret.ts'
import { observeError } from '../../errors.ts'
import { headline, lines, type Notification } from '../message.ts'
import type { Receiver } from './receiver.ts'

export type WebhookOptions = {
  readonly name: string
  /** https, or http to this machine. It may hold a token, so it is kept as a secret and told to nobody. */
  readonly url: Secret
  /** Sent as `Authorization`. */
  readonly authorization?: Secret
}

const SEND_MS = 10_000
const RETRY_STATUS = new Set([408, 425, 429])

/** Posts `{ at, events }` as JSON. Errors: ALERT_RECEIVER_INVALID. */
export function webhook(options: WebhookOptions): Receiver {
  return posting(options, (notification) => ({ version: 1, ...notification }))
}

/** Posts `{ text }`, as Slack, Mattermost and others take it. Errors: ALERT_RECEIVER_INVALID. */
export function slack(options: WebhookOptions): Receiver {
  return posting(options, (notification) => {
    const [head, body] = [headline(notification), lines(notification)]
    return { text: escaped(body.length === 1 ? head : [`*${head}*`, ...body].join('\n')) }
  })
}

/** Slack's three control characters (docs.slack.dev: formatting message text). */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function posting(options: WebhookOptions, bodyOf: (notification: Notification) => object): Receiver {
  const { name, authorization } = options
  const url = checked(name, options.url.reveal())
  return {
    name,
    async send(notification, signal) {
      const headers = {
        'content-type': 'application/json',
        ...(authorization === undefined ? {} : { authorization: authorization.reveal() }),
      }
      const body = JSON.stringify(bodyOf(notification))
      const limit = AbortSignal.any([signal, AbortSignal.timeout(SEND_MS)])
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal: limit,
      }).catch((error: unknown) => {
        throw undelivered(name, reasonOf(error), true)
      })
      // What it answers is nobody's business; unread it would hold the connection.
      await response.body?.cancel()
      if (response.ok) return
      const isRetriable = response.status >= 500 || RETRY_STATUS.has(response.status)
      throw undelivered(name, `it answered ${response.status}`, isRetriable)
    },
  }
}

function checked(name: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  const isLocal = url !== null && (url.hostname === '[::1]' || isLoopback(url.hostname))
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal)) return url
  throw observeError(
    'ALERT_RECEIVER_INVALID',
    `Receiver ${name}: its url is neither https nor http to this machine.`,
  )
}

/** fetch says only "fetch failed"; the reason is the cause, which names addresses but no path or token. */
function reasonOf(error: unknown): string {
  const cause = (error as { readonly cause?: unknown }).cause
  return messageOf(cause ?? error)
}

export function undelivered(name: string, why: string, retriable: boolean): Error {
  return observeError('ALERT_NOT_DELIVERED', `Receiver ${name} did not take an alert: ${why}.`, { retriable })
}
