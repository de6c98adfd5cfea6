import type { Socket } from 'node:net'
import type { Address } from '../../client/address.ts'
import type { TlsSettings } from '../../client/tls.ts'
import { openTransport } from '../../client/transport.ts'
import { Calls } from './calls.ts'

/** Small, because every client connection has one for as long as it lives. */
const SCRATCH_BYTES = 4 * 1024
/** An answer that lacks more than this is read in large pieces, which go to the client without a copy. */
const DIRECT_BYTES_MIN = 4 * 1024
const DIRECT_BYTES_MAX = 256 * 1024

export type UpstreamOptions = {
  readonly address: Address
  readonly tls: TlsSettings | undefined
  readonly signal: AbortSignal
  /** Proves to the broker who the client is, before anything of the client is sent. */
  readonly authenticate: (calls: Calls, address: Address) => Promise<void>
  /** How many bytes of a large answer are still to come. */
  readonly passingBytes: () => number
  readonly onBytes: (bytes: Buffer) => void
  readonly onClosed: () => void
}

/** A connection to a broker, ready for one client's requests. Errors: of `openTransport` and `authenticate`. */
export async function openUpstream(options: UpstreamOptions): Promise<Socket> {
  const { address, tls, signal, authenticate, passingBytes, onBytes, onClosed } = options
  let calls: Calls | null = null
  let isOpen = false
  let isDirect = false
  const socket = await openTransport({
    address,
    tls,
    signal,
    scratchBytes: SCRATCH_BYTES,
    space: (scratch) => {
      const coming = isOpen ? passingBytes() : 0
      isDirect = coming >= DIRECT_BYTES_MIN
      return isDirect ? Buffer.allocUnsafeSlow(Math.min(coming, DIRECT_BYTES_MAX)) : scratch
    },
    onBytes: (bytes) => {
      // The scratch is used again at once; what goes on to a client has to stay.
      const own = isDirect ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) : Buffer.from(bytes)
      if (isOpen) onBytes(own)
      else calls?.feed(own)
    },
    onClosed: (error) => {
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
  if (socket.destroyed) throw new Error(`${address.host}:${address.port} closed the connection`)
  return socket
}
