import { once } from 'node:events'
import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectSecure } from 'node:tls'

export type SmtpServer = {
  readonly host: string
  readonly port: number
  /** PEM of the authority that signed its certificate, where that is a private one. */
  readonly ca?: string
}

/** What a server said: its code and its lines without it. */
export type Reply = { readonly code: number; readonly lines: readonly string[] }

/** RFC 5321 4.5.3.1.5: 512 bytes a line; servers write more. */
const REPLY_BYTES_MAX = 64 * 1024

/** One conversation with a mail server: commands out, replies in, one at a time (RFC 5321, 3207). */
export class SmtpTalk {
  readonly #server: SmtpServer
  readonly #signal: AbortSignal
  #socket: Socket
  #isSecure: boolean
  #received = ''
  #wake: () => void = () => {}
  #failure: Error | null = null

  private constructor(server: SmtpServer, socket: Socket, isSecure: boolean, signal: AbortSignal) {
    this.#server = server
    this.#signal = signal
    this.#socket = socket
    this.#isSecure = isSecure
    this.#listen(socket)
    signal.addEventListener('abort', () => this.#fail(signal.reason as Error), { once: true })
  }

  /** `isSecure`: TLS from the first byte, as on port 465. */
  static async open(server: SmtpServer, isSecure: boolean, signal: AbortSignal): Promise<SmtpTalk> {
    const { host, port } = server
    const socket = isSecure ? connectSecure({ port, ...trust(server) }) : connectPlain({ host, port })
    const talk = new SmtpTalk(server, socket, isSecure, signal)
    await talk.#until(once(socket, isSecure ? 'secureConnect' : 'connect', { signal }))
    return talk
  }

  get isSecure(): boolean {
    return this.#isSecure
  }

  /** The rest of the conversation goes over TLS. What came in the clear before the handshake is never heeded. */
  async secure(): Promise<void> {
    if (this.#received !== '') throw new Error('the server said something in the clear after STARTTLS')
    this.#socket.removeAllListeners('data')
    const socket = connectSecure({ socket: this.#socket, ...trust(this.#server) })
    this.#listen(socket)
    this.#socket = socket
    await this.#until(once(socket, 'secureConnect', { signal: this.#signal }))
    this.#isSecure = true
  }

  /** Says a line, or nothing at all for the greeting, and gives the reply. */
  async ask(line?: string): Promise<Reply> {
    if (line !== undefined) this.#socket.write(`${line}\r\n`)
    for (;;) {
      const reply = this.#takeReply()
      if (reply !== null) return reply
      if (this.#failure !== null) throw this.#failure
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Lines up to the first whose code is followed by a space (RFC 5321 4.2.1). */
  #takeReply(): Reply | null {
    const lines: string[] = []
    let at = 0
    for (let end = this.#received.indexOf('\n', at); end >= 0; end = this.#received.indexOf('\n', at)) {
      const line = this.#received.slice(at, end).replace(/\r$/, '')
      at = end + 1
      const [, code, mark, text = ''] = /^(\d{3})([ -]?)(.*)$/.exec(line) ?? []
      if (code === undefined) throw new Error('the server does not speak SMTP')
      lines.push(text)
      if (mark === '-') continue
      this.#received = this.#received.slice(at)
      return { code: Number(code), lines }
    }
    return null
  }

  #listen(socket: Socket): void {
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => {
      this.#received += text
      if (this.#received.length > REPLY_BYTES_MAX) this.#fail(new Error('the server says too much'))
      this.#wake()
    })
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the server closed the connection')))
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#socket.destroy()
    this.#wake()
  }

  /** `once` rejects with the socket's error, or with the signal's own; what failed first says more. */
  async #until(event: Promise<unknown>): Promise<void> {
    try {
      await event
    } catch (error) {
      throw this.#failure ?? error
    }
  }
}

function trust({ host, ca }: SmtpServer): { servername?: string; host: string; ca?: string } {
  // An address is no server name (RFC 6066), and is checked all the same, by `host`.
  const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host }
  return { host, ...name, ...(ca === undefined ? {} : { ca }) }
}
