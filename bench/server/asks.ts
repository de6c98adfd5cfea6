import type { Random } from '../random.ts'
import type { Contents } from './fill.ts'
import { groupName, topicName } from './fill.ts'

export const LARGE = 'large'
export const SMALL = 'small'
export const OTHER = 'other'

/** One kind of request, as the console or a program makes it. */
export type Ask = {
  readonly what: string
  /** Asks a broker, where the others are answered from the last look. */
  readonly isLive: boolean
  /** Of the cluster that is stopped in the second part, where it is of one. */
  readonly cluster: string | null
  readonly path: (random: Random) => string
}

export function asksOf({ topics, groups }: Contents): readonly Ask[] {
  const seen = { isLive: false, cluster: null }
  const live = (cluster: string) => ({ isLive: true, cluster })
  return [
    { ...seen, what: 'the map', path: () => '/api/fleet' },
    { ...seen, what: 'clusters', path: () => '/api/clusters' },
    {
      ...seen,
      what: 'a page of all topics',
      path: (random) => `/api/topics?offset=${random.below(topics / 100) * 100}`,
    },
    {
      ...seen,
      what: 'search in topics',
      path: (random) =>
        `/api/topics?search=${topicName(random.below(topics)).slice(-4)}&sort=bytes&descending=true`,
    },
    { ...seen, what: 'groups that lag most', path: () => '/api/groups?sort=records&descending=true' },
    {
      ...seen,
      what: 'one group',
      path: (random) => `/api/clusters/${LARGE}/groups/${groupName(random.below(groups))}`,
    },
    {
      ...seen,
      what: 'one topic',
      path: (random) => `/api/clusters/${LARGE}/topics/${topicName(random.below(topics))}`,
    },
    {
      ...live(SMALL),
      what: 'v3: a topic’s settings',
      path: () => `/v3/clusters/${SMALL}/topics/${topicName(0)}/configs`,
    },
    {
      ...live(OTHER),
      what: 'v3: lags of a group',
      path: () => `/v3/clusters/${OTHER}/consumer-groups/${groupName(0)}/lags`,
    },
  ]
}
