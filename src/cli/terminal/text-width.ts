import { stripVTControlCharacters } from 'node:util'

/** Code points that take two columns (Unicode 16, East_Asian_Width W and F, and emoji), as inclusive pairs. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x23e9, 0x23ec],
  [0x2614, 0x2615],
  [0x26a1, 0x26a1],
  [0x2705, 0x2705],
  [0x274c, 0x274c],
  [0x2753, 0x2755],
  [0x2757, 0x2757],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
]

/** Marks that combine with what stands before them, joiners, variation selectors and conjoining jamo. */
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]$/u

function widthOfCodePoint(codePoint: number): number {
  if (codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0)) return 0
  if (codePoint < 0x300) return 1
  if (zeroWidth.test(String.fromCodePoint(codePoint))) return 0
  return wide.some(([from, to]) => codePoint >= from && codePoint <= to) ? 2 : 1
}

/** How many columns a terminal gives to `text`; colour codes count nothing, Korean, Chinese and Japanese two each. */
export function textWidth(text: string): number {
  const plain = stripVTControlCharacters(text)
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.length
  let width = 0
  for (const character of plain) width += widthOfCodePoint(character.codePointAt(0)!)
  return width
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character starts every colour code
const colorCode = /(\u001b\[[0-9;]*m)/

/** Cuts `text` to at most `columns`, the last one being `…` when something was cut. Colour codes are kept. */
export function truncate(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text
  let width = 0
  let kept = ''
  for (const piece of text.split(colorCode)) {
    if (colorCode.test(piece)) {
      kept += piece
      continue
    }
    for (const character of piece) {
      const next = width + widthOfCodePoint(character.codePointAt(0)!)
      if (width === columns || next > columns - 1) {
        if (width < columns) kept += '…'
        width = columns
        break
      }
      width = next
      kept += character
    }
  }
  return kept
}

/** Fills `text` with spaces up to `columns`. */
export function pad(text: string, columns: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, columns - textWidth(text)))
  return align === 'left' ? text + space : space + text
}

/**
 * Makes text that came from elsewhere (topic names, keys, values) safe to print: control characters, which could
 * move the cursor or forge lines, are shown as escapes.
 */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is being replaced
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }
    return named[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
