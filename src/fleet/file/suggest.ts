/**
 * The edit distance between two words, counting a swap of neighbours as one edit (optimal string alignment).
 * Case does not count. Words longer than WORD_MAX are cut, so the cost is bounded.
 */
export function editDistance(left: string, right: string): number {
  const a = left.slice(0, WORD_MAX).toLowerCase()
  const b = right.slice(0, WORD_MAX).toLowerCase()
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + change)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforeLast[j - 2]! + 1)
      }
      row.push(best)
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}

const WORD_MAX = 64

/** The candidate that a typing slip most likely meant, or null when none is near enough to be named. */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  const distanceMax = word.length <= 3 ? 1 : word.length <= 7 ? 2 : 3
  let best: string | null = null
  let bestDistance = distanceMax + 1
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate)
    if (distance < bestDistance && distance < Math.max(word.length, candidate.length)) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** `, did you mean seoul?`, or nothing when no candidate is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const candidate = nearest(word, candidates)
  return candidate === null ? '' : `, did you mean ${candidate}?`
}
