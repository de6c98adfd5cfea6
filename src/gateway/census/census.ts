import { decodeRequestHeader } from '../../wire/api.ts'
import { Metadata } from '../../wire/apis/003-metadata.ts'
import { ApiVersions } from '../../wire/apis/018-api-versions.ts'
import { CENSUS_CLIENTS_MAX, CENSUS_TOPICS_MAX } from '../limits.ts'
import type { CensusTaker } from '../session/edge.ts'
import type { Client } from '../spec.ts'
import { bodyOf } from '../state/call.ts'
import type { Call } from '../state/rules.ts'
import { behaviourOf } from './behaviour.ts'

/** What the census asks of a connection. */
export type Counted = {
  readonly remoteAddress: string
  readonly login: { readonly principal: string | null; readonly isRepeatable: boolean }
}

type Row = {
  clientId: string
  library: string | null
  version: string | null
  address: string
  principal: string | null
  readonly topics: Set<string>
  connections: number
  opened: number
  lastSeenAt: number
  isLoginRepeatable: boolean
}

const SIZE_BYTES = 4
/** First version in which a client says what it is. */
const LIBRARY_FROM = 3

/**
 * Who uses a route: one row for a client id at an address with one library. Bounded; who was seen longest ago goes
 * first.
 */
export class Census {
  readonly #now: () => number
  readonly #rows = new Map<string, Row>()
  readonly #rowOf = new WeakMap<object, Row>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** What one connection tells; it has the form that sessions know. */
  takerFor(connection: Counted): CensusTaker & { close(): void } {
    const library = { name: null as string | null, version: null as string | null }
    return {
      noteLibrary: (_session, frame, version) => {
        const content = frame.subarray(SIZE_BYTES)
        const { clientId, bodyAt } = decodeRequestHeader(content)
        if (version >= LIBRARY_FROM && version <= ApiVersions.versions.max) {
          const body = ApiVersions.request.decode(version, content.subarray(bodyAt))
          Object.assign(library, { name: body.clientSoftwareName, version: body.clientSoftwareVersion })
        }
        this.#seen(connection, clientId ?? '', library)
      },
      noteTopics: (_session, call) => this.#noteTopics(connection, call, library),
      close: () => {
        const row = this.#rowOf.get(connection)
        if (row !== undefined) row.connections--
        this.#rowOf.delete(connection)
      },
    }
  }

  list(): Client[] {
    return [...this.#rows.values()].map(({ topics, isLoginRepeatable, ...row }) => ({
      ...row,
      topics: [...topics].sort(),
      inSwitch: behaviourOf({ ...row, isLoginRepeatable }),
    }))
  }

  #noteTopics(
    connection: Counted,
    call: Call,
    library: { name: string | null; version: string | null },
  ): void {
    const row = this.#seen(connection, call.session.clientId ?? '', library)
    for (const { name } of bodyOf(Metadata, call).topics ?? []) {
      if (row.topics.size >= CENSUS_TOPICS_MAX) return
      if (name !== null) row.topics.add(name)
    }
  }

  #seen(
    connection: Counted,
    clientId: string,
    library: { name: string | null; version: string | null },
  ): Row {
    const { remoteAddress: address, login } = connection
    const key = [clientId, address, login.principal, library.name, library.version].join('\0')
    const row = this.#rows.get(key) ?? this.#newRow(connection, clientId, library)
    // Put last: the first one is who was seen longest ago.
    this.#rows.delete(key)
    this.#rows.set(key, row)
    if (this.#rows.size > CENSUS_CLIENTS_MAX) this.#rows.delete(this.#rows.keys().next().value!)
    Object.assign(row, { lastSeenAt: this.#now(), address, isLoginRepeatable: login.isRepeatable })
    const before = this.#rowOf.get(connection)
    if (before !== row) {
      if (before !== undefined) {
        before.connections--
        before.opened--
      }
      row.connections++
      row.opened++
      this.#rowOf.set(connection, row)
    }
    return row
  }

  #newRow(
    { remoteAddress: address, login }: Counted,
    clientId: string,
    { name: library, version }: { readonly name: string | null; readonly version: string | null },
  ): Row {
    const { principal, isRepeatable } = login
    const counts = { connections: 0, opened: 0, lastSeenAt: 0, isLoginRepeatable: isRepeatable }
    return { clientId, library, version, address, principal, topics: new Set(), ...counts }
  }
}
