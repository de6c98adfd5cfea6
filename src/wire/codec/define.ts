import type { Api } from '../api.ts'
import { type MessageCodec, messageCodec } from './message.ts'
import type { FieldTable } from './schema.ts'

/** What a generated file says about one API. */
export type ApiTable = {
  readonly key: number
  readonly name: string
  readonly min: number
  readonly max: number
  readonly flexibleFrom: number | null
  readonly request: readonly FieldTable[]
  readonly response: readonly FieldTable[]
}

/** What a generated file says about one versioned struct outside requests and responses. */
export type DataTable = {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly flexibleFrom: number | null
  readonly fields: readonly FieldTable[]
}

/** Makes an API out of its table; nothing is compiled before the first message. */
export function defineApi<Req, Res>(table: ApiTable): Api<Req, Res> {
  const { key, name, min, max, flexibleFrom } = table
  return {
    key,
    name,
    versions: { min, max },
    flexibleFrom,
    request: messageCodec<Req>({ name: `${name}Request`, min, max, flexibleFrom, fields: table.request }),
    response: messageCodec<Res>({ name: `${name}Response`, min, max, flexibleFrom, fields: table.response }),
  }
}

/** Makes the codec of a versioned struct out of its table. */
export function defineData<T>(table: DataTable): MessageCodec<T> {
  return messageCodec<T>(table)
}
