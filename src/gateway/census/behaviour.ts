/** A pattern of a library’s name, and how its clients go through a planned switch. */
type Known = { readonly library: RegExp; readonly from?: string; readonly inSwitch: string }

/** As measured with live clients; first match wins. */
const libraries: readonly Known[] = [
  {
    library: /^apache-kafka-java$/,
    from: '4',
    inSwitch:
      'notices nothing: producers wait for less than a second, transactions are handed over, groups rejoin at their position',
  },
  {
    library: /^apache-kafka-java$/,
    inSwitch:
      'plain and idempotent producers and consumers notice nothing; a transactional producer sees one abortable error',
  },
  {
    library: /librdkafka|confluent-kafka/,
    inSwitch:
      'producers and groups notice nothing; a transactional producer aborts once and goes on, or must be made anew',
  },
  { library: /^kgo$|franz/, inSwitch: 'producers notice nothing; groups rejoin at their position' },
  {
    library: /platformatic/,
    inSwitch:
      'producers notice nothing; groups rejoin within about two seconds and may read a few records again',
  },
  { library: /sarama/, inSwitch: 'not tried; idempotent producers and groups are expected to go on' },
]

const UNKNOWN = 'not known; its connections are kept, and it is told nothing but what Kafka would tell it'
const KAFKAJS = 'producers and groups notice nothing; without idempotence a retry may change the order'
const LOGIN_ENDS =
  'its connections are closed, because SCRAM cannot be repeated at the other cluster; it connects again'

/** How a client will behave in a switch, one sentence. */
export function behaviourOf(client: {
  readonly library: string | null
  readonly version: string | null
  readonly clientId: string | null
  readonly isLoginRepeatable: boolean
}): string {
  const { library, version, clientId, isLoginRepeatable } = client
  if (!isLoginRepeatable) return LOGIN_ENDS
  if (library === null) return clientId !== null && /kafkajs/i.test(clientId) ? KAFKAJS : UNKNOWN
  const known = libraries.find((one) => one.library.test(library) && isFrom(version, one.from))
  return known?.inSwitch ?? UNKNOWN
}

function isFrom(version: string | null, from: string | undefined): boolean {
  return from === undefined || Number.parseInt(version ?? '0', 10) >= Number(from)
}
