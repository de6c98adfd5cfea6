import { failed, type Outcome, outcomeOf } from './outcome.ts'

/**
 * Sends one request per broker, in parallel, each about its own items. Gives the outcome of each item; a request that
 * fails as a whole counts for each of its items.
 */
export async function fanOut<Node, Item, T>(
  requests: Iterable<readonly [Node, readonly Item[]]>,
  ask: (node: Node, items: readonly Item[]) => Promise<readonly Outcome<T>[]>,
): Promise<Map<Item, Outcome<T>>> {
  const outcomes = new Map<Item, Outcome<T>>()
  const running = [...requests].map(async ([node, items]) => {
    const answers = await outcomeOf(ask(node, items))
    for (const [at, item] of items.entries()) {
      outcomes.set(item, answers.ok ? answers.value[at]! : failed(answers.error))
    }
  })
  await Promise.all(running)
  return outcomes
}
