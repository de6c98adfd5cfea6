import { waitUntil } from './wait.ts'

/** Asks a server as programs and browsers do, and keeps every answer for whoever looks for secrets in them. */
export class FrontClient {
  readonly url: string
  readonly answers: string[] = []

  constructor(url: string) {
    this.url = url
  }

  /** Signs in with the code of a printed link; gives the headers of a page that has. */
  async signIn(code: string): Promise<Record<string, string>> {
    const page = { 'sec-fetch-site': 'same-origin' }
    const response = await fetch(`${this.url}/api/session`, {
      method: 'POST',
      headers: { ...page, 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    })
    const [cookie] = response.headers.getSetCookie()
    if (response.status !== 201 || cookie === undefined) throw new Error(await response.text())
    return { ...page, cookie: cookie.split(';')[0]! }
  }

  /** With a body it is a POST. */
  async ask<Body>(
    path: string,
    headers: Record<string, string>,
    body?: object,
  ): Promise<{ readonly status: number; readonly body: Body }> {
    const response = await fetch(this.url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    this.answers.push(text)
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, body: (isJson ? JSON.parse(text) : text) as Body }
  }

  /** Follows an operation to its end. */
  async ended<Operation extends { readonly id: string; readonly endedAt: number | null }>(
    { id }: Operation,
    headers: Record<string, string>,
    withinMs: number,
  ): Promise<Operation> {
    let last: Operation | undefined
    const looks = async () => {
      last = (await this.ask<Operation>(`/api/operations/${id}`, headers)).body
      return last.endedAt !== null
    }
    await waitUntil(`operation ${id} ends`, looks, { withinMs, everyMs: 200 })
    return last!
  }
}
