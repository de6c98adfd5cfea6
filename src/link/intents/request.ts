import { randomUUID } from 'node:crypto'
import { systemClock } from '../../base/clock.ts'
import { whoami } from '../../base/whoami.ts'
import { Cluster } from '../../client/cluster.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { linkError } from '../errors.ts'
import { stepOf } from '../mirrors/life.ts'
import type { AnswerRecord, IntentRecord, ReceiptRecord, Wish } from '../state/intents.ts'
import type { LinkRecord, MirrorRecord } from '../state/records.ts'
import { readState, StateStore } from '../state/store.ts'
import { failOverWithoutWorker } from './without-worker.ts'

/** A worker looks at the state topic every second or two; one that runs has begun to answer within this time. */
const WORKER_ANSWER_MS = 15_000
const REQUEST_MS = 15_000

/** What is known of a link on its destination. */
export type LinkMemory = {
  readonly link: LinkRecord
  readonly mirrors: readonly MirrorRecord[]
  readonly receipts: (topic: string) => readonly ReceiptRecord[]
}

export type Asked = {
  readonly topic: string
  readonly mirror: string
  /** `working`: begun, or not seen by any worker yet; time was over. */
  readonly outcome: AnswerRecord['outcome'] | 'silent'
  readonly text: string
}

export type AskOptions = {
  /** Who asks; default whoever runs this process. */
  readonly by?: IntentRecord['by']
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly onProgress: (asked: readonly Asked[]) => void
}

/** Reads what the destination remembers of a link. @throws LINK_UNKNOWN */
export async function rememberedLink(destination: ClusterConfig, link: string): Promise<LinkMemory> {
  await using cluster = await connect(destination)
  const view = await readState(cluster)
  const record = view?.link(link) ?? null
  if (view === null || record === null) throw unknownLink(destination, link)
  return { link: record, mirrors: view.mirrors(link), receipts: (topic) => view.receipts(link, topic) }
}

/**
 * Asks something of mirrors, by the topics' names at the source, and waits for what the link's worker answers, wherever
 * it runs. A failover that no worker answers is done from here. @throws LINK_UNKNOWN, MIRROR_VERB_REFUSED
 */
export async function askOfMirrors(
  destination: ClusterConfig,
  link: string,
  wishes: readonly { readonly topic: string; readonly wish: Wish }[],
  options: AskOptions,
): Promise<readonly Asked[]> {
  await using cluster = await connect(destination)
  const store = new StateStore(cluster)
  if ((await readState(cluster)) === null) throw unknownLink(destination, link)
  await store.refresh()
  const record = store.view.link(link)
  if (record === null) throw unknownLink(destination, link)
  const by = options.by ?? whoami()
  const intents = wishes.map(({ topic, wish }) => intentOf({ link, topic, wish, by }))
  for (const intent of intents) admit(record, store.view.mirror(link, intent.topic), intent)
  for (const intent of intents) {
    await store.append({ kind: 'intent', name: link, topic: intent.topic, record: intent })
  }
  return await new Waiting(cluster, store, record, intents, options).run()
}

function connect(destination: ClusterConfig): Promise<Cluster> {
  return Cluster.connect({ ...destination, requestTimeoutMs: REQUEST_MS })
}

function unknownLink(destination: ClusterConfig, link: string): Error {
  return linkError('LINK_UNKNOWN', `${destination.name} knows no link ${link}`, { context: { link } })
}

function intentOf(wished: Omit<IntentRecord, 'id' | 'at'>): IntentRecord {
  return { id: randomUUID(), ...wished, at: systemClock.now() }
}

/** What can be refused at once; the worker, which knows the faults, has the last word. */
function admit(link: LinkRecord, mirror: MirrorRecord | null, { topic, wish }: IntentRecord): void {
  const context = { link: link.name, topic }
  if (mirror === null) {
    throw linkError('MIRROR_VERB_REFUSED', `link ${link.name} keeps no mirror of ${topic}`, { context })
  }
  if (wish.verb === 'repair') {
    admitWork(link)
    return
  }
  const step = stepOf(mirror.state, wish.verb)
  if (step.kind === 'refused') {
    throw linkError('MIRROR_VERB_REFUSED', `${mirror.mirror} ${step.why}`, { context })
  }
  if (wish.verb !== 'failover') admitWork(link)
}

function admitWork({ name, desired }: LinkRecord): void {
  if (desired === 'active') return
  const text = `link ${name} is paused as a whole: \`kmc link resume ${name}\` first`
  throw linkError('MIRROR_VERB_REFUSED', text, { context: { link: name } })
}

/** Follows the state topic until every intent is answered for good. */
class Waiting {
  readonly #cluster: Cluster
  readonly #store: StateStore
  readonly #link: LinkRecord
  readonly #intents: readonly IntentRecord[]
  readonly #options: AskOptions

  constructor(
    cluster: Cluster,
    store: StateStore,
    link: LinkRecord,
    intents: readonly IntentRecord[],
    options: AskOptions,
  ) {
    this.#cluster = cluster
    this.#store = store
    this.#link = link
    this.#intents = intents
    this.#options = options
  }

  async run(): Promise<readonly Asked[]> {
    const { signal, timeoutMs, onProgress } = this.#options
    const begun = systemClock.now()
    for (;;) {
      const asked = this.#intents.map((intent) => this.#asked(intent))
      onProgress(asked)
      const open = asked.filter(({ outcome }) => outcome === 'working' || outcome === 'silent')
      const waitedMs = systemClock.now() - begun
      if (open.length === 0 || signal.aborted || waitedMs > timeoutMs) return asked
      const patienceMs = this.#link.desired === 'paused' ? 0 : WORKER_ANSWER_MS
      if (waitedMs >= patienceMs) await this.#withoutWorker(asked)
      await this.#store.next(signal)
    }
  }

  #asked({ id, topic }: IntentRecord): Asked {
    const record = this.#store.view.mirror(this.#link.name, topic)
    const answer = record?.answer?.intent === id ? record.answer : null
    const mirror = record?.mirror ?? topic
    if (answer === null) return { topic, mirror, outcome: 'silent', text: 'waits for the worker of the link' }
    return { topic, mirror, outcome: answer.outcome, text: answer.text }
  }

  async #withoutWorker(asked: readonly Asked[]): Promise<void> {
    const silent = this.#intents.filter(
      ({ wish }, index) => wish.verb === 'failover' && asked[index]!.outcome === 'silent',
    )
    if (silent.length === 0) return
    await failOverWithoutWorker(this.#cluster, this.#store, this.#link, silent)
  }
}
