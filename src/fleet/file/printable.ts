const NAME_SHOWN_MAX = 60

/** Control, format (bidi) and separator characters would let a file rewrite the reader's terminal. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu

/** Text of a file made safe for a terminal: every character keeps its place, harmful ones become a dot. */
export function printable(text: string): string {
  return text.replaceAll('\t', ' ').replaceAll(UNPRINTABLE, '·')
}

/** A name out of a file, as it is shown inside messages: as it is when plain, else quoted, never long. */
export function shownName(name: string): string {
  const cut = name.length > NAME_SHOWN_MAX ? `${name.slice(0, NAME_SHOWN_MAX)}…` : name
  return /^[\w.:*?!/-]+…?$/.test(cut) ? cut : `"${printable(cut)}"`
}

/** How many columns a terminal gives to a text: Korean, Chinese, Japanese and full-width characters take two. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) columns += isWide(character.codePointAt(0)!) ? 2 : 1
  return columns
}

/** Unicode TR 11, the ranges that terminals agree on. */
function isWide(codePoint: number): boolean {
  return (
    (codePoint >= 0x1100 && codePoint <= 0x115f) ||
    (codePoint >= 0x2e80 && codePoint <= 0xa4cf) ||
    (codePoint >= 0xac00 && codePoint <= 0xd7a3) ||
    (codePoint >= 0xf900 && codePoint <= 0xfaff) ||
    (codePoint >= 0xfe30 && codePoint <= 0xfe6f) ||
    (codePoint >= 0xff00 && codePoint <= 0xff60) ||
    (codePoint >= 0xffe0 && codePoint <= 0xffe6) ||
    (codePoint >= 0x1f300 && codePoint <= 0x1f64f) ||
    (codePoint >= 0x20000 && codePoint <= 0x3fffd)
  )
}
