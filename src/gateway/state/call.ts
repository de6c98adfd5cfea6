import {
  type Api,
  decodeRequestHeader,
  decodeResponseFrame,
  encodeRequestFrame,
  encodeResponseFrame,
  type Input,
} from '../../wire/api.ts'
import type { Call } from './rules.ts'

const SIZE_BYTES = 4

/** The body of a request. Throws WIRE_* errors. */
export function bodyOf<Req, Res>(api: Api<Req, Res>, { frame, version }: Call): Req {
  const content = frame.subarray(SIZE_BYTES)
  return api.request.decode(version, content.subarray(decodeRequestHeader(content).bodyAt))
}

/** The same request with another body. */
export function requestWith<Req, Res>(api: Api<Req, Res>, call: Call, body: Req): Buffer {
  const header = { correlationId: call.correlationId, clientId: call.session.clientId }
  return Buffer.concat(encodeRequestFrame(api, call.version, header, body as Input<Req>))
}

/** An answer to a request, made by the gateway. */
export function answerTo<Req, Res>(api: Api<Req, Res>, call: Call, body: Input<Res>): Buffer[] {
  return encodeResponseFrame(api, call.version, call.correlationId, body)
}

/** The body of a broker's answer to a request. Throws WIRE_* errors. */
export function answerBody<Req, Res>(api: Api<Req, Res>, { version }: Call, frame: Buffer): Res {
  return decodeResponseFrame(api, version, frame.subarray(SIZE_BYTES)).body
}
