const NAMES_MAX = 3

/** `orders, payments and 7 more`. */
export function listed(names: readonly string[], max = NAMES_MAX): string {
  const more = names.length - max
  return more > 0 ? `${names.slice(0, max).join(', ')} and ${more} more` : names.join(', ')
}

/** `1 topic`, `2 topics`. */
export function counted(count: number, word: string): string {
  return `${count.toLocaleString('en-US')} ${word}${count === 1 ? '' : 's'}`
}
