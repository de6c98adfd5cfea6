import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { decodeResponseFrame, encodeRequestFrame } from '../../../src/wire/api.ts'
import { ApiVersions } from '../../../src/wire/apis/018-api-versions.ts'
import { type AnyApi, apiByKey, apiInfo } from '../../../src/wire/apis/index.ts'
import { frameSplitter } from './frame-proxy.ts'
import { type SweepTarget, sweepBody } from './sweep-bodies.ts'

const ANSWER_MS_MAX = 15_000
/** They would end the broker, or no broker answers them to a client. */
const LEFT_OUT = new Set([
  'ControlledShutdown',
  'LeaderAndIsr',
  'StopReplica',
  'UpdateMetadata',
  'Envelope',
  'SaslAuthenticate',
])

type Range = { readonly key: number; readonly min: number; readonly max: number }

/**
 * Sends every API in every version that the broker speaks, once each, and reads the answers: the proxy in
 * between records what a real broker says to versions that no Java client sends any more. Gives what failed.
 */
export async function sweep(port: number, target: SweepTarget): Promise<string[]> {
  const failures: string[] = []
  for (const { key, min, max } of await spokenRanges(port)) {
    const info = apiInfo(key)
    const api = await apiByKey(key)
    if (info === undefined || api === undefined || LEFT_OUT.has(info.name)) continue
    for (let version = Math.max(min, info.min); version <= Math.min(max, info.max); version++) {
      const body = sweepBody(api.name, version, target)
      if (body === undefined) continue
      try {
        await ask(port, api, version, body)
      } catch (error) {
        failures.push(`${api.name} v${version}: ${String(error)}`)
      }
    }
  }
  return failures
}

async function spokenRanges(port: number): Promise<Range[]> {
  const { apiKeys } = (await ask(port, ApiVersions as unknown as AnyApi, 3, {
    clientSoftwareName: 'kmc',
    clientSoftwareVersion: '1',
  })) as { apiKeys: { apiKey: number; minVersion: number; maxVersion: number }[] }
  return apiKeys.map(({ apiKey, minVersion, maxVersion }) => ({
    key: apiKey,
    min: minVersion,
    max: maxVersion,
  }))
}

/** One request on a connection of its own; the broker closes it when it cannot read what we sent. */
export async function ask(port: number, api: AnyApi, version: number, body: object): Promise<object> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    const frames = encodeRequestFrame(
      api,
      version,
      { correlationId: 1, clientId: 'kmc-sweep' },
      body as never,
    )
    socket.write(Buffer.concat(frames))
    const frame = await answerOf(socket)
    return decodeResponseFrame(api, version, frame).body
  } finally {
    socket.destroy()
  }
}

function answerOf(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer')), ANSWER_MS_MAX)
    const settle = (action: () => void) => {
      clearTimeout(timer)
      action()
    }
    const split = frameSplitter((frame) => settle(() => resolve(frame)))
    socket.on('data', split)
    socket.on('close', () => settle(() => reject(new Error('the broker closed the connection'))))
    socket.on('error', (error) => settle(() => reject(error)))
  })
}
