import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { encodeRequestFrame } from '../wire/api.ts'
import { ApiVersions } from '../wire/apis/018-api-versions.ts'
import type { Address } from './address.ts'

/** A probe only explains an error that is already there, so it may not hold it up for long. */
const PROBE_TIMEOUT_MS = 1_500
/** Any number that a peer would not send by chance. */
const CORRELATION_ID = 0x6b6d63
const ANSWER_HEAD_BYTES = 8

/** Whether a TLS handshake with the peer succeeds. Its certificate is not checked: nothing is sent. */
export function speaksTls({ host, port }: Address): Promise<boolean> {
  return decided((settle) => connectTls({ host, port, rejectUnauthorized: false }, () => settle(true)))
}

/** Whether the peer answers ApiVersions version 0 without TLS. */
export function speaksPlainKafka({ host, port }: Address): Promise<boolean> {
  let received = Buffer.alloc(0)
  return decided((settle) => {
    const socket = connectTcp({ host, port }, () => {
      for (const chunk of encodeRequestFrame(
        ApiVersions,
        0,
        { correlationId: CORRELATION_ID, clientId: null },
        {},
      )) {
        socket.write(chunk)
      }
    })
    return socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes.subarray(0, ANSWER_HEAD_BYTES)])
      if (received.length >= ANSWER_HEAD_BYTES) settle(received.readInt32BE(4) === CORRELATION_ID)
    })
  })
}

/** False when the socket fails, closes, or stays undecided for too long. */
function decided(open: (settle: (answer: boolean) => void) => Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (answer: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answer)
    }
    const timer = setTimeout(() => settle(false), PROBE_TIMEOUT_MS)
    const socket = open(settle)
    socket.once('error', () => settle(false)).once('close', () => settle(false))
  })
}
