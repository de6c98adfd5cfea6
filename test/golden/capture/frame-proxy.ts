import { connect, createServer, type Server, type Socket } from 'node:net'

/** One request and the answer to it, both without their 4-byte size. */
export type Exchange = { readonly request: Buffer; readonly response: Buffer }

const SIZE_BYTES = 4
const FRAME_BYTES_MAX = 64 * 1024 * 1024

/** Passes connections on to a broker and tells every request together with its answer. */
export function startProxy(
  port: number,
  targetPort: number,
  onExchange: (exchange: Exchange) => void,
): Promise<Server> {
  const server = createServer((client) => join(client, connect(targetPort, '127.0.0.1'), onExchange))
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)))
}

function join(client: Socket, broker: Socket, onExchange: (exchange: Exchange) => void): void {
  const waiting = new Map<number, Buffer>()
  const end = () => {
    client.destroy()
    broker.destroy()
  }
  const requests = frameSplitter((frame) => waiting.set(frame.readInt32BE(4), frame))
  const responses = frameSplitter((frame) => {
    const request = waiting.get(frame.readInt32BE(0))
    if (request === undefined) return
    waiting.delete(frame.readInt32BE(0))
    onExchange({ request, response: frame })
  })
  client.on('data', (bytes) => {
    requests(bytes)
    broker.write(bytes)
  })
  broker.on('data', (bytes) => {
    responses(bytes)
    client.write(bytes)
  })
  for (const socket of [client, broker]) socket.setNoDelay(true).on('error', end).on('close', end)
}

/** Collects bytes and gives whole frames. */
export function frameSplitter(onFrame: (frame: Buffer) => void): (bytes: Buffer) => void {
  let kept: Buffer = Buffer.alloc(0)
  return (bytes) => {
    kept = kept.length === 0 ? bytes : Buffer.concat([kept, bytes])
    while (kept.length >= SIZE_BYTES) {
      const size = kept.readInt32BE(0)
      if (size < 0 || size > FRAME_BYTES_MAX) throw new Error(`frame of ${size} bytes`)
      if (kept.length < SIZE_BYTES + size) return
      onFrame(Buffer.from(kept.subarray(SIZE_BYTES, SIZE_BYTES + size)))
      kept = kept.subarray(SIZE_BYTES + size)
    }
  }
}
