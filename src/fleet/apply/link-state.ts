import { systemClock } from '../../base/clock.ts'
import { isRetriable } from '../../base/error.ts'
import { Cluster } from '../../client/cluster.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { linkError } from '../../link/errors.ts'
import { isReleased } from '../../link/mirrors/life.ts'
import { releaseMirrors } from '../../link/mirrors/release.ts'
import { OwnedNotes, TravelAdapter } from '../../link/ports/travel.ts'
import type { MirrorRecord } from '../../link/state/records.ts'
import { endOfMirror } from '../../link/state/session-state.ts'
import { readState, StateStore } from '../../link/state/store.ts'
import { removeOwned } from '../../link/travel/hand-over.ts'

const TIMEOUT_MS = 15_000
const WORKER_LETS_GO_MS = 2_000

/**
 * Forgets a link on its destination: its worker ends, wherever it runs. What it mirrored stays, is remembered, and
 * gets the source's retention in place of the mirror's; ACLs, quotas and users that the link made are removed.
 * @throws NOT_AUTHORIZED or KAFKA_ERROR of the first topic that does not
 */
export async function forgetLink(destination: ClusterConfig, link: string): Promise<void> {
  await withStore(destination, async (store, cluster) => {
    if (store.view.link(link) !== null) {
      await store.append({ kind: 'link', name: link, record: null })
      // A worker holds its mirrors' settings now and then; it sees the end within this time.
      await systemClock.sleep(WORKER_LETS_GO_MS)
    }
    const held = store.view.mirrors(link).filter(({ state }) => !isReleased(state))
    await release(cluster, held)
    const [refused] = await removeOwned(new TravelAdapter(cluster), new OwnedNotes(cluster, link))
    if (refused !== undefined) throw refused
  })
}

/**
 * Forgets that a link was turned, so that one of its name made later runs as declared. Gives the names of clusters that
 * do not answer, and go on remembering it.
 */
export async function forgetDirection(
  clusters: readonly ClusterConfig[],
  link: string,
): Promise<readonly string[]> {
  const silent: string[] = []
  for (const config of clusters) {
    try {
      await withStore(config, async (store) => {
        if (store.view.direction(link) === null) return
        await store.append({ kind: 'direction', name: link, record: null })
      })
    } catch (error) {
      if (!isRetriable(error)) throw error
      silent.push(config.name)
    }
  }
  return silent
}

/** The mirrors of a link whose topics are there, as its destination remembers them. */
export async function mirrorsOf(destination: ClusterConfig, link: string): Promise<readonly MirrorRecord[]> {
  return await withStore(destination, async (store, cluster) => {
    await cluster.refresh('all')
    return store.view
      .mirrors(link)
      .filter(({ mirror, mirrorTopicId }) => cluster.metadata.topic(mirror)?.topicId === mirrorTopicId)
  })
}

/** Forgets a mirror of a link, by the source's topic name. The topic stays as it is. */
export async function forgetMirror(destination: ClusterConfig, link: string, topic: string): Promise<void> {
  await withStore(destination, async (store) => {
    await store.appendAll(endOfMirror(store.view, link, topic))
  })
}

/**
 * Lets go of a mirror that the link no longer takes: it is an ordinary topic from here on, with the source's retention.
 * @throws NOT_AUTHORIZED or KAFKA_ERROR when the settings cannot be changed
 */
export async function releaseMirror(destination: ClusterConfig, link: string, topic: string): Promise<void> {
  await withStore(destination, async (store, cluster) => {
    const record = store.view.mirror(link, topic)
    if (record === null) return
    if (!isReleased(record.state)) await release(cluster, [record])
    await store.appendAll(endOfMirror(store.view, link, topic))
  })
}

/** Only the very topics that were made as mirrors: one made since under the same name is somebody else's. */
async function release(cluster: Cluster, mirrors: readonly MirrorRecord[]): Promise<void> {
  await cluster.refresh('all')
  const there = mirrors.filter(
    ({ mirror, mirrorTopicId }) => cluster.metadata.topic(mirror)?.topicId === mirrorTopicId,
  )
  const [refused] = await releaseMirrors(cluster, there)
  if (refused !== undefined) throw refused.error
}

/**
 * Writes what an operator wants of a link; its worker follows within seconds, wherever it runs. Gives whether
 * anything had to be changed. @throws LINK_UNKNOWN
 */
export async function wishFor(
  destination: ClusterConfig,
  link: string,
  desired: 'active' | 'paused',
): Promise<boolean> {
  return await withStore(destination, async (store) => {
    const record = store.view.link(link)
    if (record === null) {
      throw linkError('LINK_UNKNOWN', `${destination.name} knows no link ${link}`, { context: { link } })
    }
    if (record.desired === desired) return false
    await store.putLink({ ...record, desired, updatedAt: Date.now() })
    return true
  })
}

/** Works on the state of a cluster that has some; without any, on an empty one. */
async function withStore<T>(
  config: ClusterConfig,
  work: (store: StateStore, cluster: Cluster) => Promise<T>,
): Promise<T> {
  const cluster = await Cluster.connect({ ...config, requestTimeoutMs: TIMEOUT_MS })
  try {
    const store = new StateStore(cluster)
    if ((await readState(cluster)) !== null) await store.refresh()
    return await work(store, cluster)
  } finally {
    await cluster.close()
  }
}
