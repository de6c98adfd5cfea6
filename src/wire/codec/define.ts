import type { Api } from '../api.ts'
import { type MessageCodec, messageCodec } from './message.ts'
import type { FieldTable, MessageTable } from './schema.ts'

/** The fields of a message and how to make one with all its defaults. */
export type MessageBody = { readonly make: () => object; readonly fields: readonly FieldTable[] }

/** What a generated file says about one API. */
export type ApiTable = {
  readonly key: number
  readonly name: string
  readonly min: number
  readonly max: number
  readonly flexibleFrom: number | null
  readonly request: MessageBody
  readonly response: MessageBody
}

/** Makes an API out of its table; nothing is compiled before the first message. */
export function defineApi<Req, Res>(table: ApiTable): Api<Req, Res> {
  const { key, name, min, max, flexibleFrom } = table
  return {
    key,
    name,
    versions: { min, max },
    flexibleFrom,
    request: messageCodec<Req>({ name: `${name}Request`, min, max, flexibleFrom, ...table.request }),
    response: messageCodec<Res>({ name: `${name}Response`, min, max, flexibleFrom, ...table.response }),
  }
}

/** Makes the codec of a versioned struct out of its table. */
export function defineData<T>(table: MessageTable): MessageCodec<T> {
  return messageCodec<T>(table)
}
