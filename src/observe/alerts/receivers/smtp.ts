import { hostname } from 'node:os'
import { messageOf } from '../../../base/error.ts'
import type { Secret } from '../../../base/secret.ts'
import { observeError } from '../../errors.ts'
import { mailText } from './mail.ts'
import type { Receiver } from './receiver.ts'
import { type Reply, type SmtpServer, SmtpTalk } from './smtp-talk.ts'
import { undelivered } from './webhook.ts'

export type SmtpOptions = SmtpServer & {
  readonly name: string
  /** `tls` from the first byte (port 465), `starttls` (587) or, where nobody else can listen, `none`. */
  readonly security: 'tls' | 'starttls' | 'none'
  readonly login?: { readonly user: string; readonly password: Secret }
  readonly from: string
  readonly to: readonly string[]
}

const SEND_MS = 30_000
const ADDRESS = /^[^\s<>@"(),:;\\[\]]+@[^\s<>@"(),:;\\[\]]+$/

/** Sends mail through a server (RFC 5321); in clear only when that is asked for. Errors: ALERT_RECEIVER_INVALID. */
export function smtp(options: SmtpOptions): Receiver {
  const { name, from, to, login, security } = options
  const wrong = [from, ...to].find((address) => !ADDRESS.test(address))
  const why =
    wrong !== undefined
      ? `${JSON.stringify(wrong)} is no mail address`
      : to.length === 0
        ? 'it has nobody to write to'
        : login !== undefined && security === 'none'
          ? 'a password is never sent without TLS'
          : null
  if (why !== null) throw observeError('ALERT_RECEIVER_INVALID', `Receiver ${name}: ${why}.`)
  return {
    name,
    async send(notification, signal) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(SEND_MS)])
      try {
        await deliver(options, mailText({ from, to, notification }), limit)
      } catch (error) {
        if (error instanceof Refused) throw undelivered(name, error.message, error.isTemporary)
        throw undelivered(name, messageOf(error), true)
      }
    },
  }
}

/** A reply other than the one that was hoped for. 4xx may change, 5xx will not (RFC 5321 4.2.1). */
class Refused extends Error {
  readonly isTemporary: boolean

  constructor(step: string, { code, lines }: Reply) {
    super(`the mail server refused ${step}: ${code} ${lines.join(' ').slice(0, 200)}`)
    this.isTemporary = code < 500
  }
}

async function deliver(options: SmtpOptions, text: string, signal: AbortSignal): Promise<void> {
  const talk = await SmtpTalk.open(options, options.security === 'tls', signal)
  try {
    expect('the connection', await talk.ask(), 220)
    let offers = await greet(talk)
    if (options.security === 'starttls') {
      expect('STARTTLS', await talk.ask('STARTTLS'), 220)
      await talk.secure()
      // What was offered in the clear may have been written by anybody (RFC 3207 4.2).
      offers = await greet(talk)
    }
    if (options.login !== undefined) await signIn(talk, options.login, offers)
    expect('the sender', await talk.ask(`MAIL FROM:<${options.from}>`), 250)
    for (const address of options.to) expect(`<${address}>`, await talk.ask(`RCPT TO:<${address}>`), 250)
    expect('the message', await talk.ask('DATA'), 354)
    expect('the message', await talk.ask(`${text}\r\n.`), 250)
    await talk.ask('QUIT')
  } finally {
    talk.close()
  }
}

/** What the server offers, a line each, in capitals. */
async function greet(talk: SmtpTalk): Promise<string[]> {
  const reply = await talk.ask(`EHLO ${hostname().replaceAll(/[^A-Za-z0-9.-]/g, '-') || 'localhost'}`)
  expect('EHLO', reply, 250)
  return reply.lines.map((line) => line.toUpperCase())
}

/** AUTH PLAIN (RFC 4616), or LOGIN where only that is offered. */
async function signIn(
  talk: SmtpTalk,
  { user, password }: NonNullable<SmtpOptions['login']>,
  offers: readonly string[],
): Promise<void> {
  if (!talk.isSecure) throw new Error('a password is never sent without TLS')
  const ways = offers.find((line) => line.startsWith('AUTH '))?.split(' ') ?? []
  const encoded = (text: string) => Buffer.from(text).toString('base64')
  if (ways.includes('PLAIN')) {
    const proof = encoded(`\0${user}\0${password.reveal()}`)
    expect('the login', await talk.ask(`AUTH PLAIN ${proof}`), 235)
  } else if (ways.includes('LOGIN')) {
    expect('the login', await talk.ask('AUTH LOGIN'), 334)
    expect('the login', await talk.ask(encoded(user)), 334)
    expect('the login', await talk.ask(encoded(password.reveal())), 235)
  } else throw new Error('the mail server offers neither AUTH PLAIN nor LOGIN')
}

function expect(step: string, reply: Reply, code: number): void {
  // 251: the server will forward, which is as good.
  if (reply.code !== code && !(code === 250 && reply.code === 251)) throw new Refused(step, reply)
}
