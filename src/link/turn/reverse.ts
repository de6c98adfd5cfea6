import { Cluster } from '../../client/cluster.ts'
import { linkError } from '../errors.ts'
import { type AskOptions, askOfMirrors } from '../intents/request.ts'
import { isReleased } from '../mirrors/life.ts'
import type { LinkSpec } from '../spec.ts'
import type { DirectionRecord } from '../state/records.ts'
import { type Adopted, adopt } from './adopt.ts'
import { isTurned, turned } from './direction.ts'
import { restLink } from './rest.ts'
import { openSide, type Side } from './side.ts'
import { turn } from './turn.ts'

const REST_MS = 15_000
const REQUEST_MS = 15_000

export type ReverseOptions = AskOptions

/** What turning a link came to: the direction it has now, and what became of each topic. */
export type Reversed = {
  readonly link: string
  readonly from: string
  readonly to: string
  readonly direction: DirectionRecord
  readonly topics: readonly Adopted[]
}

/**
 * Turns a link round, clients aside: promotes the mirrors that are left, so that nothing is missing on their side, and
 * lets the link run from there. Both clusters must answer. May be repeated after any interruption.
 * @throws LINK_NOT_TURNED with the reason, LINK_UNKNOWN
 */
export async function reverseLink(declared: LinkSpec, options: ReverseOptions): Promise<Reversed> {
  const { name } = declared
  refusePrefix(declared)
  await using one = await connect(declared.source)
  await using other = await connect(declared.destination)
  const wasTurned = await isTurned(name, one, other)
  const [source, destination] = wasTurned ? [other, one] : [one, other]
  const spec = wasTurned ? turned(declared) : declared
  const [old, kept] = [await openSide(source), await openSide(destination)]
  if (kept.store.view.link(name) === null) {
    throw linkError('LINK_UNKNOWN', `${destination.name} knows no link ${name}`, { context: { link: name } })
  }
  await promoteLeft(spec, kept, options)
  if (!(await restLink(kept.store, name, { timeoutMs: REST_MS, signal: options.signal }))) {
    throw notTurned(name, 'no worker of it has answered that it rests: run `kmc up` or `kmc serve`')
  }
  await kept.port.refresh()
  const topics = await adopt(name, kept, old)
  const direction = await turn(name, kept, old)
  return { link: name, from: destination.name, to: source.name, direction, topics }
}

async function promoteLeft(spec: LinkSpec, { store }: Side, options: ReverseOptions): Promise<void> {
  const left = store.view.mirrors(spec.name).filter(({ state }) => !isReleased(state))
  if (left.length === 0) return
  const wishes = left.map(({ topic }) => ({ topic, wish: { verb: 'promote' } as const }))
  const asked = await askOfMirrors(spec.destination, spec.name, wishes, options)
  const open = asked.find(({ outcome }) => outcome !== 'done')
  if (open !== undefined) throw notTurned(spec.name, `${open.mirror}: ${open.text}`)
  await store.refresh()
}

function refusePrefix({ name, prefix }: LinkSpec): void {
  if (prefix === '') return
  throw notTurned(name, `its mirrors have other names than their topics (prefix: ${prefix})`)
}

function notTurned(link: string, why: string): Error {
  return linkError('LINK_NOT_TURNED', `link ${link} was not turned: ${why}`, { context: { link } })
}

function connect(config: LinkSpec['source']): Promise<Cluster> {
  return Cluster.connect({ ...config, requestTimeoutMs: REQUEST_MS })
}
