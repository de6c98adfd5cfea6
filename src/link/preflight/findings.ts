/**
 * What `kmc link check` can find, by code: docs/reference/preflight.md is made from this table. `why` says what it has
 * to do with exactness. A code that `blocks` keeps a link from starting, as no record could be trusted.
 */
export const preflightFindings = {
  CLUSTER_REACHED: { title: 'A side answers', why: 'Both sides must be reachable by the link.' },
  CLUSTER_OUT_OF_REACH: {
    title: 'A side does not answer, or lets nobody in',
    why: 'Nothing else about that side can be found out.',
  },
  ONE_CLUSTER: {
    title: 'Both sides are the same cluster',
    why: 'A link copies from one cluster to another.',
    blocks: true,
  },
  SOURCE_REPLACED: {
    title: 'The link was made for another source cluster',
    why: 'Its mirrors hold the offsets of that cluster.',
    blocks: true,
  },
  APIS_SERVED: {
    title: 'Every broker serves what the link asks for',
    why: 'Old brokers lack some requests.',
  },
  API_MISSING: {
    title: 'A broker does not serve a request that the link needs',
    why: 'Exact links need Kafka 3.9 or newer on both sides.',
    blocks: true,
  },
  RIGHTS_GRANTED: { title: 'Every right that was looked at is there', why: 'See docs/guide/check.md.' },
  RIGHT_MISSING: {
    title: 'The link’s principal lacks a right',
    why: 'What needs the right stands still with the fault NOT_AUTHORIZED.',
  },
  TOPIC_NOT_SEEN: {
    title: 'A topic that the link names in full cannot be seen at the source',
    why: 'Either it does not exist, or DESCRIBE is missing: Kafka hides topics that one may not describe.',
  },
  NOT_FOUND_OUT: {
    title: 'Something could not be found out',
    why: 'No judgement rests on it; the link works without it.',
  },
  GAPS_BY_MARKERS: {
    title: 'Gaps are filled by markers',
    why: 'Offsets that no reader sees at the source must be taken at the mirror as well.',
  },
  GAPS_BY_TRANSACTIONS: {
    title: 'Gaps are filled by empty transactions',
    why: 'Just as exact, but hundreds of offsets a second instead of a hundred thousand (docs/guide/check.md).',
  },
  GAPS_IMPOSSIBLE: {
    title: 'Gaps cannot be filled: neither markers nor transactions are allowed',
    why: 'After the first aborted record or transaction marker of the source no offset would fit.',
    blocks: true,
  },
  MIRRORS_POSSIBLE: {
    title: 'Every mirror is there or can be made',
    why: 'Asked of the destination, without making any.',
  },
  MIRROR_REFUSED: {
    title: 'The destination would refuse to make a mirror',
    why: 'The topic cannot be mirrored until that is changed.',
  },
  MIRROR_IN_THE_WAY: {
    title: 'A topic with records stands where a mirror would be made',
    why: 'A mirror must begin empty, else no offset fits.',
  },
  MIRROR_OF_ANOTHER: {
    title: 'Another link keeps a mirror of that name',
    why: 'Two writers would tear the mirror apart; each link refuses what it did not make.',
  },
  MIRROR_TOO_WIDE: {
    title: 'A mirror has more partitions than its source',
    why: 'Kafka cannot remove partitions, and records of one key would lie elsewhere.',
  },
  MIRROR_SETTINGS: {
    title: 'A mirror has other settings than it should',
    why: 'The link sets them at its next round, within half a minute.',
  },
  MIRROR_RECOMPRESSES: {
    title: 'The destination compresses records of a mirror anew',
    why: 'Records stay equal, but the broker unpacks and packs every batch: slower, and its processor pays.',
  },
  REQUEST_TOO_LARGE: {
    title: 'The destination takes only smaller requests than the source’s records may need',
    why: 'A request above `socket.request.max.bytes` closes the connection, and its partition stands still.',
  },
  SIZES_FIT: {
    title: 'Every batch that the source may hold fits',
    why: 'Mirrors take batches as large as the source’s.',
  },
  OLD_FORMAT: {
    title: 'A topic is kept in a record format of before Kafka 0.11',
    why: 'Such records have no place for what makes a copy exact.',
  },
  INSYNC_IMPOSSIBLE: {
    title: 'A mirror asks for more replicas in sync than it has',
    why: 'No write is acknowledged as long as that is so.',
  },
  INSYNC_MISSING: {
    title: 'Partitions of a topic that the link needs lack a leader or replicas in sync',
    why: 'They take no write until replicas are back.',
  },
  REPLICAS_HEALTHY: {
    title: 'Partitions have leaders and replicas in sync',
    why: 'Else they take no write.',
  },
  GUARD_EXPIRES: {
    title: 'Records are older than the destination remembers producers',
    why: 'The sequence guard between batches is off for them; the lease alone keeps a second writer away.',
  },
  CLOCKS_DIFFER: {
    title: 'The clocks of the two sides differ',
    why: 'Lag in seconds and start times are wrong by as much; records and offsets are not.',
  },
  THROTTLED: {
    title: 'A quota slows the link’s principal down',
    why: 'The mirror cannot be faster than that, and a source that is stays ahead.',
  },
  DISK_SMALL: {
    title: 'The disks of the destination may not hold the mirrors',
    why: 'A full log directory stops its broker.',
  },
  SPARSE_LOG: {
    title: 'A compacted topic has few records left among its offsets',
    why: 'Each missing offset costs a marker (78 bytes at the mirror) or, without that right, an empty transaction.',
  },
} as const satisfies Record<
  string,
  { readonly title: string; readonly why: string; readonly blocks?: boolean }
>

export type FindingCode = keyof typeof preflightFindings
export type Severity = 'ok' | 'warning' | 'error'
export type FindingSide = 'source' | 'destination' | 'both'

/** One thing that a check found. `command` cures it where one command does, run by an administrator of that side. */
export type LinkFinding = {
  readonly severity: Severity
  readonly code: FindingCode
  readonly side: FindingSide
  /** The topic, group, broker or cluster it is about. */
  readonly subject: string
  readonly what: string
  readonly why: string
  readonly remedy: string | null
  readonly command: string | null
}

type Details = Pick<LinkFinding, 'side' | 'subject' | 'what'> & {
  readonly remedy?: string
  readonly command?: string
}

function finding(severity: Severity, code: FindingCode, details: Details): LinkFinding {
  return { severity, code, why: preflightFindings[code].why, remedy: null, command: null, ...details }
}

export const good = (code: FindingCode, details: Details): LinkFinding => finding('ok', code, details)
export const warning = (code: FindingCode, details: Details): LinkFinding => finding('warning', code, details)
export const bad = (code: FindingCode, details: Details): LinkFinding => finding('error', code, details)

/** Whether a link must not start with this. */
export function blocks({ severity, code }: LinkFinding): boolean {
  return severity === 'error' && 'blocks' in preflightFindings[code]
}
