import { ClientError, KafkaError } from './errors.ts'
import { failed, type Outcome, succeeded } from './outcome.ts'

type Matching<Item, Answer, T> = {
  /** For errors: the API's name. */
  readonly api: string
  readonly items: readonly Item[]
  readonly keyOf: (item: Item) => string
  readonly answers: readonly Answer[]
  readonly keyOfAnswer: (answer: Answer) => string
  readonly read: (answer: Answer, item: Item) => Outcome<T>
}

/** Brings answers into the order of the items; an item that was left out fails with INCOMPLETE_RESPONSE. */
export function matchAnswers<Item, Answer, T>(matching: Matching<Item, Answer, T>): Outcome<T>[] {
  const { api, items, keyOf, answers, keyOfAnswer, read } = matching
  const found = new Map(answers.map((answer) => [keyOfAnswer(answer), answer]))
  return items.map((item) => {
    const answer = found.get(keyOf(item))
    if (answer !== undefined) return read(answer, item)
    return failed(new ClientError('INCOMPLETE_RESPONSE', `The answer to ${api} leaves out ${keyOf(item)}.`))
  })
}

type Verdict = { readonly errorCode: number; readonly errorMessage?: string | null }

/** The outcome that an error code and the broker's words stand for. `what`: the thing that was asked for. */
export function outcomeOfCode<T>(
  { errorCode, errorMessage }: Verdict,
  what: string,
  value: () => T,
): Outcome<T> {
  return errorCode === 0 ? succeeded(value()) : failed(new KafkaError(errorCode, what, errorMessage))
}
