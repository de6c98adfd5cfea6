import {
  type Api,
  decodeRequestHeader,
  decodeResponseFrame,
  encodeRequestFrame,
  encodeResponseFrame,
} from '../../wire/api.ts'
import type { View } from './view.ts'

/** Changes a decoded message in place. */
export type Change<Body> = (body: Body, view: View, version: number) => void

/** Frames in and out begin with their size. Both throw WIRE_* errors for what cannot be read. */
export type Rewriting = {
  readonly request: ((frame: Buffer, view: View) => Buffer[]) | null
  readonly answer: ((frame: Buffer, version: number, view: View) => Buffer[]) | null
}

const SIZE_BYTES = 4

/** Makes the rewriting of an API's frames out of what is to be changed in its messages. */
export function rewriting<Req, Res>(
  api: Api<Req, Res>,
  changes: { readonly request?: Change<Req>; readonly answer?: Change<Res> },
): Rewriting {
  const { request, answer } = changes
  return {
    request: request === undefined ? null : (frame, view) => changeRequest(api, frame, view, request),
    answer:
      answer === undefined ? null : (frame, version, view) => changeAnswer(api, frame, version, view, answer),
  }
}

function changeRequest<Req, Res>(api: Api<Req, Res>, frame: Buffer, view: View, change: Change<Req>) {
  const content = frame.subarray(SIZE_BYTES)
  const { apiVersion, correlationId, clientId, bodyAt } = decodeRequestHeader(content)
  const body = api.request.decode(apiVersion, content.subarray(bodyAt))
  change(body, view, apiVersion)
  return encodeRequestFrame(api, apiVersion, { correlationId, clientId }, body as never)
}

function changeAnswer<Req, Res>(
  api: Api<Req, Res>,
  frame: Buffer,
  version: number,
  view: View,
  change: Change<Res>,
): Buffer[] {
  const { correlationId, body } = decodeResponseFrame(api, version, frame.subarray(SIZE_BYTES))
  change(body, view, version)
  return encodeResponseFrame(api, version, correlationId, body as never)
}
