import type { Socket } from 'node:net'
import type { Address } from '../../client/address.ts'
import type { TlsSettings } from '../../client/tls.ts'
import { openTransport } from '../../client/transport.ts'
import { AnswerSpace } from './answer-space.ts'
import { Calls } from './calls.ts'

export type UpstreamOptions = {
  readonly address: Address
  readonly tls: TlsSettings | undefined
  readonly signal: AbortSignal
  /** Proves to the broker who the client is, before anything of the client is sent. */
  readonly authenticate: (calls: Calls, address: Address) => Promise<void>
  /** How many bytes of a large answer are still to come. */
  readonly passingBytes: () => number
  /** Whether bytes that `onBytes` was given wait in the client's socket. */
  readonly isWaiting: () => boolean
  readonly onBytes: (bytes: Buffer) => void
  readonly onClosed: () => void
}

/** A connection to a broker, ready for one client's requests. Errors: of `openTransport` and `authenticate`. */
export async function openUpstream(options: UpstreamOptions): Promise<Socket> {
  const { address, tls, signal, authenticate, passingBytes, isWaiting, onBytes, onClosed } = options
  const space = new AnswerSpace(isWaiting)
  let calls: Calls | null = null
  let isOpen = false
  const socket = await openTransport({
    address,
    tls,
    signal,
    scratch: AnswerSpace.scratch,
    space: () => space.next(isOpen ? passingBytes() : 0),
    onBytes: (bytes) => space.handOn(bytes, (own) => (isOpen ? onBytes(own) : calls?.feed(own))),
    onClosed: (error) => {
      space.release()
      if (isOpen) onClosed()
      else calls?.fail(error ?? new Error(`${address.host}:${address.port} closed the connection`))
    },
  })
  calls = new Calls(socket)
  const giveUp = (): void => {
    socket.destroy()
    calls?.fail(signal.reason)
  }
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    await authenticate(calls, address)
    signal.throwIfAborted()
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
  isOpen = true
  calls = null
  if (socket.destroyed) throw new Error(`${address.host}:${address.port} closed the connection`)
  return socket
}
