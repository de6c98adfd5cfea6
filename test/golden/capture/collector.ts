import { decodeRequestHeader } from '../../../src/wire/api.ts'
import { apiInfo } from '../../../src/wire/apis/index.ts'
import type { Exchange } from './frame-proxy.ts'

/** One line of a golden file; hex, without the 4-byte size. */
export type GoldenLine = {
  readonly api: string
  readonly version: number
  readonly from: string
  readonly request: string
  readonly response: string
}

/** Larger exchanges are left out, so that the files stay small enough to be read. */
const EXCHANGE_BYTES_MAX = 6000

/** Keeps, per API, version and client, the first exchange and the one that says most. */
export class Collector {
  readonly #kept = new Map<string, { first: Exchange; largest: Exchange; from: string }>()
  /** Who is speaking at the moment. */
  from = ''

  take(exchange: Exchange): void {
    if (sizeOf(exchange) > EXCHANGE_BYTES_MAX) return
    const key = `${exchange.request.readInt16BE(0)}/${exchange.request.readInt16BE(2)}/${this.from}`
    const kept = this.#kept.get(key)
    if (kept === undefined) this.#kept.set(key, { first: exchange, largest: exchange, from: this.from })
    else if (sizeOf(exchange) > sizeOf(kept.largest)) kept.largest = exchange
  }

  /** All that was kept, sorted by API and version. */
  lines(): GoldenLine[] {
    const lines: (GoldenLine & { key: number })[] = []
    for (const { first, largest, from } of this.#kept.values()) {
      for (const { request, response } of new Set([first, largest])) {
        const { apiKey, apiVersion } = decodeRequestHeader(request)
        const api = apiInfo(apiKey)!.name
        const [requestHex, responseHex] = [request.toString('hex'), response.toString('hex')]
        lines.push({
          key: apiKey,
          api,
          version: apiVersion,
          from,
          request: requestHex,
          response: responseHex,
        })
      }
    }
    lines.sort((a, b) => a.key - b.key || a.version - b.version || a.from.localeCompare(b.from))
    return lines.map(({ key, ...line }) => line)
  }
}

function sizeOf({ request, response }: Exchange): number {
  return request.length + response.length
}
