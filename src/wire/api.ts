import { apiInfo } from './apis/index.ts'
import type { MessageCodec, Input as MessageInput } from './codec/message.ts'
import { Reader } from './codec/reader.ts'
import { Writer } from './codec/writer.ts'
import { wireError } from './errors.ts'

/** See codec/message.ts; named here because callers of `encode` need it. */
export type Input<T> = MessageInput<T>

/** One Kafka API: a request and its response. `versions` is the union of what Kafka 3.9.2 and 4.3.1 speak. */
export type Api<Req, Res> = {
  readonly key: number
  readonly name: string
  readonly versions: { readonly min: number; readonly max: number }
  /** The first version in compact form with tagged fields (KIP-482); null when none is. */
  readonly flexibleFrom: number | null
  readonly request: MessageCodec<Req>
  readonly response: MessageCodec<Res>
}

/** The header before a request body; `bodyAt` is where the body begins in the frame. */
export type RequestHeader = {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
  readonly bodyAt: number
}

const API_VERSIONS = 18
const CONTROLLED_SHUTDOWN = 7
const SIZE_BYTES = 4
/** The size of a frame is an int32. */
const FRAME_BYTES_MAX = 0x7fffffff

type Headed = { readonly key: number; readonly flexibleFrom: number | null }

/** 0 only for ControlledShutdown v0, 2 for flexible requests, else 1 (RequestHeader.json). */
export function requestHeaderVersion(api: Headed, version: number): 0 | 1 | 2 {
  if (api.flexibleFrom !== null && version >= api.flexibleFrom) return 2
  return api.key === CONTROLLED_SHUTDOWN && version === 0 ? 0 : 1
}

/** 1 for flexible responses, except ApiVersions, which old clients must be able to read (KIP-511). */
export function responseHeaderVersion(api: Headed, version: number): 0 | 1 {
  return api.flexibleFrom !== null && version >= api.flexibleFrom && api.key !== API_VERSIONS ? 1 : 0
}

/** A request as it goes out: 4-byte size, header, body; as chunks, with records by reference. */
export function encodeRequestFrame<Req, Res>(
  api: Api<Req, Res>,
  version: number,
  header: { readonly correlationId: number; readonly clientId: string | null },
  body: Input<Req>,
): Buffer[] {
  const writer = new Writer('RequestHeader')
  const headerVersion = requestHeaderVersion(api, version)
  writer.int32(0)
  writer.int16(api.key)
  writer.int16(version)
  writer.int32(header.correlationId)
  if (headerVersion > 0) {
    if (header.clientId === null) writer.int16(-1)
    else writer.text(header.clientId, false)
  }
  if (headerVersion === 2) writer.uvarint(0)
  api.request.write(version, writer, body)
  return finishFrame(writer)
}

/** A response as it goes out: 4-byte size, header, body. */
export function encodeResponseFrame<Req, Res>(
  api: Api<Req, Res>,
  version: number,
  correlationId: number,
  body: Input<Res>,
): Buffer[] {
  const writer = new Writer('ResponseHeader')
  writer.int32(0)
  writer.int32(correlationId)
  if (responseHeaderVersion(api, version) === 1) writer.uvarint(0)
  api.response.write(version, writer, body)
  return finishFrame(writer)
}

/**
 * Reads the header of a request frame without its size. The version may be one that nobody speaks (a client
 * asks ApiVersions with its newest); an API key that nobody knows throws WIRE_UNKNOWN_API.
 */
export function decodeRequestHeader(frame: Buffer): RequestHeader {
  const reader = new Reader(frame, 'RequestHeader')
  const apiKey = reader.int16()
  const apiVersion = reader.int16()
  const correlationId = reader.int32()
  const info = apiInfo(apiKey)
  if (info === undefined) throw wireError('WIRE_UNKNOWN_API', `RequestHeader: no API has key ${apiKey}`)
  const headerVersion = requestHeaderVersion(info, apiVersion)
  const size = headerVersion === 0 ? -1 : reader.int16()
  if (size < -1) throw reader.outOfRange('length of clientId', size)
  const clientId = size < 0 ? null : reader.text(size)
  if (headerVersion === 2) skipTags(reader)
  return { apiKey, apiVersion, correlationId, clientId, bodyAt: reader.at }
}

/** Reads a response frame without its size; trailing bytes are an error. */
export function decodeResponseFrame<Req, Res>(
  api: Api<Req, Res>,
  version: number,
  frame: Buffer,
): { correlationId: number; body: Res } {
  const reader = new Reader(frame, 'ResponseHeader')
  const correlationId = reader.int32()
  if (responseHeaderVersion(api, version) === 1) skipTags(reader)
  const body = api.response.read(version, reader)
  reader.finish()
  return { correlationId, body }
}

/** Headers have no tagged fields of their own yet; whatever a peer puts there is passed over. */
function skipTags(reader: Reader): void {
  const count = reader.count(reader.uvarint(), 2)
  for (let i = 0; i < count; i++) {
    reader.uvarint()
    reader.bytes(reader.uvarint())
  }
}

function finishFrame(writer: Writer): Buffer[] {
  const chunks = writer.finish()
  const size = writer.size - SIZE_BYTES
  if (size > FRAME_BYTES_MAX) throw writer.misfit('the size of a frame', size)
  chunks[0]!.writeInt32BE(size, 0)
  return chunks
}
