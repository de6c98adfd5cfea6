/** Settings of a Java properties file, in the order in which they are written. */
export type JavaProperties = Readonly<Record<string, string>>

/**
 * The text of a Java properties file. Keys and values are escaped as `java.util.Properties.load` expects, so
 * a value may hold anything; characters outside ASCII become `\uXXXX` since readers differ in the encoding
 * they assume.
 */
export function encodeProperties(properties: JavaProperties): string {
  let text = ''
  for (const [key, value] of Object.entries(properties)) {
    text += `${escaped(key).replace(/[ =:]/g, '\\$&')}=${escaped(value).replace(/^ /, '\\ ')}\n`
  }
  return text
}

const named: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
}

function escaped(text: string): string {
  let result = ''
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    const code = text.charCodeAt(at)
    const plain = code >= 0x20 && code < 0x7f
    const unicode = `\\u${code.toString(16).padStart(4, '0')}`
    result += named[character] ?? (plain ? character : unicode)
  }
  return result.replace(/^[#!]/, '\\$&')
}
