import type { ShownField } from '../../../src/observe/records/shown.ts'

/** One line of a field, for a list. Characters that would turn or break the line are made visible. */
export function oneLine(field: ShownField, most = 200): string {
  if (field.type === 'null') return 'null'
  if (field.type === 'binary') return `${field.sizeBytes} bytes`
  return visible(field.text.slice(0, most)).replace(/\s+/g, ' ')
}

/** Control characters, and those that turn the direction of writing, as `␀` or `⟨202e⟩`; tabs and line ends stay. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => {
    if (character === '\n' || character === '\t') return character
    const code = character.codePointAt(0)!
    if (code < 0x20) return String.fromCodePoint(0x2400 + code)
    return `⟨${code.toString(16)}⟩`
  })
}

export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}

const BYTES_A_LINE = 16

/** As `xxd` writes it: place, bytes, and what of them is ASCII. */
export function hexLines(bytes: Uint8Array, most: number): string[] {
  const lines: string[] = []
  for (let at = 0; at < Math.min(bytes.length, most); at += BYTES_A_LINE) {
    const part = [...bytes.slice(at, at + BYTES_A_LINE)]
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const ascii = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(BYTES_A_LINE * 3 - 1)}  ${ascii}`)
  }
  return lines
}
