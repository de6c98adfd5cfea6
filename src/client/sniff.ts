const TLS_ALERT = 0x15
const TLS_HANDSHAKE = 0x16
const TLS_MAJOR_VERSION = 3

/** First bytes of what commonly listens on a wrong port. */
const greetings: readonly (readonly [RegExp, string])[] = [
  [/^HTTP/, 'HTTP'],
  [/^SSH-/, 'SSH'],
  [/^(?:220|[45]\d\d)[ -]?/, 'a text protocol such as SMTP or FTP'],
  [/^[-+]\w/, 'a text protocol such as Redis'],
]

/** What a peer seems to speak, judged by the first four bytes it sent; null when they say nothing. */
export function sniffProtocol(firstBytes: Buffer): string | null {
  const [type, version] = firstBytes
  if ((type === TLS_ALERT || type === TLS_HANDSHAKE) && version === TLS_MAJOR_VERSION) return 'TLS'
  const text = firstBytes.toString('latin1')
  return greetings.find(([pattern]) => pattern.test(text))?.[1] ?? null
}
