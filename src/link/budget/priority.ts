import { nameMatcher } from '../names.ts'

/** Topics by glob with a weight; the first pattern that fits counts. */
export type TopicPriority = { readonly topics: string; readonly weight: number }
export type Priorities = readonly TopicPriority[]

/** The weights behind the words; a topic that no pattern names is normal. */
export const priorityWeights = { high: 16, normal: 4, low: 1 } as const

/** What being near the end of its log is worth: a live partition counts as much as this many that catch up. */
export const LIVE_FACTOR = 4

/** The weight of each topic, looked up once. */
export function weigher(priorities: Priorities): (topic: string) => number {
  const rules = priorities.map(({ topics, weight }) => ({ matches: nameMatcher([topics]), weight }))
  const known = new Map<string, number>()
  return (topic) => {
    let weight = known.get(topic)
    if (weight === undefined) {
      weight = rules.find(({ matches }) => matches(topic))?.weight ?? priorityWeights.normal
      known.set(topic, weight)
    }
    return weight
  }
}
