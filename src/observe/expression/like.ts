/**
 * Whether a text has the form of a glob: `*` stands for anything, `?` for one character. In time proportional to both
 * lengths at worst: a mismatch goes back to the last `*` alone, never further.
 */
export function isLike(text: string, glob: string): boolean {
  let [at, of] = [0, 0]
  let star: { readonly glob: number; text: number } | null = null
  while (at < text.length) {
    const sign = glob[of]
    if (sign === '*') {
      star = { glob: ++of, text: at }
    } else if (sign !== undefined && (sign === '?' || sign === text[at])) {
      at++
      of++
    } else if (star !== null) {
      at = ++star.text
      of = star.glob
    } else return false
  }
  while (glob[of] === '*') of++
  return of === glob.length
}
