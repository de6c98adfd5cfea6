import { randomUUID } from 'node:crypto'
import { headline, lines, type Notification } from '../message.ts'

type Mail = {
  readonly from: string
  readonly to: readonly string[]
  readonly notification: Notification
}

/** RFC 2047: an encoded word has at most 75 characters, of which 12 are its frame; 45 bytes make 60. */
const WORD_BYTES = 45
const LINE_BYTES = 57
const SUBJECT_MAX = 200

/** A mail as it is sent (RFC 5322), without the dot that ends it. Nothing in it can end a line or the mail early. */
export function mailText({ from, to, notification }: Mail): string {
  const head = headline(notification)
  const remedies = new Map(notification.events.map(({ alert }) => [alert.title, alert.remedy]))
  const advice = [...remedies].map(([title, remedy]) => `${title}\n  ${remedy}`)
  const body = [...lines(notification), '', ...advice, ''].join('\n')
  return [
    `From: kmc <${from}>`,
    `To: ${to.map((address) => `<${address}>`).join(', ')}`,
    `Subject: ${encodedWords(head.slice(0, SUBJECT_MAX))}`,
    `Date: ${new Date(notification.at).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${randomUUID()}@${from.split('@')[1]}>`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...pieces(Buffer.from(body), LINE_BYTES),
  ].join('\r\n')
}

function encodedWords(text: string): string {
  const words: string[] = []
  let word = ''
  for (const character of text) {
    // A word holds whole characters.
    if (Buffer.byteLength(word + character) > WORD_BYTES) {
      words.push(word)
      word = ''
    }
    word += character
  }
  return [...words, word].map((part) => `=?utf-8?B?${Buffer.from(part).toString('base64')}?=`).join('\r\n ')
}

function pieces(bytes: Buffer, size: number): string[] {
  const count = Math.ceil(bytes.length / size)
  return Array.from({ length: count }, (_, at) => bytes.toString('base64', at * size, (at + 1) * size))
}
