import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Round, roundOf, smokeRound } from './deck.ts'

function wordsOf({ link, brokers, network }: Round): string[] {
  return [...link, ...brokers, ...network].map(({ fault, label, pauseMs }) => `${fault} ${label} ${pauseMs}`)
}

test('a seed gives the same rounds again, another seed gives others', () => {
  for (let number = 0; number < 8; number++) {
    assert.deepEqual(wordsOf(roundOf(42, number)), wordsOf(roundOf(42, number)))
    assert.notDeepEqual(wordsOf(roundOf(42, number)), wordsOf(roundOf(43, number)))
  }
  assert.deepEqual(wordsOf(smokeRound(1)), wordsOf(smokeRound(1)))
})

test('every round kills as it says: kmc three times, workers eleven, brokers eleven', () => {
  for (let number = 0; number < 8; number++) {
    const { link, brokers } = roundOf(7, number)
    const faults = [...link, ...brokers].map(({ fault }) => fault)
    const count = (name: string) => faults.filter((fault) => fault === name).length
    assert.deepEqual(
      ['kill-kmc', 'kill-worker', 'kill-together', 'kill-source-broker', 'kill-destination-broker'].map(
        count,
      ),
      [3, 10, 1, 3, 6],
    )
  }
})
