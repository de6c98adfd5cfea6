import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { checkServerIdentity, connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls'
import type { Address } from './address.ts'
import { formatAddress } from './address.ts'
import { SOCKET_READ_BYTES } from './limits.ts'
import { socketError } from './socket-errors.ts'
import { checkPeer, type TlsSettings } from './tls.ts'

const KEEP_ALIVE_AFTER_MS = 30_000

export type TransportOptions = {
  readonly address: Address
  readonly tls: TlsSettings | undefined
  /** Gives the attempt up; its reason is what `openTransport` throws. */
  readonly signal: AbortSignal
  /** The `scratch` of `space`; default is one of its own of SOCKET_READ_BYTES. */
  readonly scratch?: Uint8Array
  /** Where the next bytes are to be put: `scratch`, which is used again and again, or a place of the caller's. */
  readonly space: (scratch: Uint8Array) => Uint8Array
  /** Takes what was put into the beginning of what `space` gave last. */
  readonly onBytes: (bytes: Uint8Array) => void
  /** Called once when an opened socket is gone; `error` is what broke it, null when the peer or kmc closed it. */
  readonly onClosed: (error: unknown) => void
}

/**
 * Opens a socket, with TLS when asked for, and checks the peer's certificate before anything is sent.
 * Errors: CONNECTION_REFUSED, HOST_UNKNOWN, CONNECT_TIMEOUT, CONNECTION_LOST, TLS_UNTRUSTED, TLS_FAILED, NOT_KAFKA,
 * AUTHENTICATION_FAILED.
 */
export async function openTransport(options: TransportOptions): Promise<Socket> {
  const { address, tls, signal } = options
  signal.throwIfAborted()
  const socket = tls === undefined ? openTcp(options) : openTls(options, tls)
  let broken: unknown = null
  socket.on('error', (error) => {
    broken ??= error
  })
  try {
    await opened(socket, tls === undefined ? 'connect' : 'secureConnect', () => broken, signal)
    const untrusted = tls === undefined ? null : checkPeer(socket as TLSSocket, tls, formatAddress(address))
    if (untrusted !== null) throw untrusted
  } catch (error) {
    socket.destroy()
    throw error === signal.reason ? error : socketError(error, address, 'connecting')
  }
  socket.on('close', () => options.onClosed(broken))
  socket.setNoDelay(true)
  socket.setKeepAlive(true, KEEP_ALIVE_AFTER_MS)
  return socket
}

/**
 * Node's way of reading without an allocation: bytes go where `space` says. It is asked at the start, and after each
 * piece once that has been taken.
 */
function readInto({ space, onBytes, scratch = Buffer.allocUnsafeSlow(SOCKET_READ_BYTES) }: TransportOptions) {
  const callback = (count: number, bytes: Uint8Array): boolean => {
    onBytes(bytes.subarray(0, count))
    return true
  }
  return { buffer: () => space(scratch), callback }
}

function openTcp(options: TransportOptions): Socket {
  const { address } = options
  return connectTcp({ host: address.host, port: address.port, onread: readInto(options) })
}

function openTls(options: TransportOptions, tls: TlsSettings): TLSSocket {
  const { address } = options
  const name = tls.serverName ?? address.host
  // A variable, because the type of tls.connect's options leaves `onread` out although Node documents it there.
  const connecting = {
    host: address.host,
    port: address.port,
    secureContext: tls.context,
    // An IP address may not be sent as a server name (RFC 6066 section 3).
    ...(isIP(name) === 0 ? { servername: name } : {}),
    // checkPeer refuses an untrusted peer right after the handshake; only so can it say which authority is missing.
    rejectUnauthorized: false,
    checkServerIdentity: (_host: string, certificate: PeerCertificate) =>
      checkServerIdentity(name, certificate),
    onread: readInto(options),
  }
  return connectTls(connecting)
}

/** Waits for `event`. `broken` gives the error that precedes a 'close'. */
function opened(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  broken: () => unknown,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => (): void => {
      socket.off(event, onOpen).off('close', onClose)
      signal.removeEventListener('abort', onAbort)
      act()
    }
    const onOpen = settle(resolve)
    const onClose = settle(() => reject(broken() ?? new Error('the peer closed it')))
    const onAbort = settle(() => reject(signal.reason))
    socket.once(event, onOpen).once('close', onClose)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
