/** What is known of a mirror's partition beyond its log. */
export type PartitionFacts = {
  /** Producer ids under which this link has written it; another one in its log is a foreign writer's. */
  readonly writers: ReadonlySet<number>
  /** Below this offset an operator has accepted that the source's records are lost. */
  readonly acceptedTo: number
  /** Below this offset others wrote, before the topic became a mirror. */
  readonly adoptedTo: number
}

export const NO_FACTS: PartitionFacts = { writers: new Set(), acceptedTo: 0, adoptedTo: 0 }
