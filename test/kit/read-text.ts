import type { PassThrough } from 'node:stream'

/** Everything that was written to a stream since the last look; one `read` may give a single chunk (Node 26). */
export function readText(stream: PassThrough): string {
  let text = ''
  for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) text += String(chunk)
  return text
}
