import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { TLSSocket } from 'node:tls'
import { assertCode } from '../../../../test/kit/assert-code.ts'
import { makeCertificate } from '../../../../test/kit/certificates.ts'
import { isRetriable } from '../../../base/error.ts'
import { Secret } from '../../../base/secret.ts'
import type { AlertEvent } from '../book.ts'
import type { Notification } from '../message.ts'
import { ReceiverQueue } from './queue.ts'
import { type SmtpOptions, smtp } from './smtp.ts'
import { slack, undelivered, webhook } from './webhook.ts'

const NOW = 1_800_000_000_000
const never = new AbortController().signal

function event(what: AlertEvent['what'], title = 'A group falls behind', group = 'readers'): AlertEvent {
  const times = { since: NOW, firedAt: NOW, toldAt: NOW, isSilenced: false }
  const subject = { cluster: 'fra', group }
  const words = { rule: 'lag-growing', title, remedy: 'Look at its members.', severity: 'warning' as const }
  return { what, at: NOW, alert: { ...words, labels: {}, subject, state: 'firing', value: 2, ...times } }
}

const firing: Notification = { at: NOW, events: [event('firing')] }

describe('over HTTP', () => {
  type Post = { readonly request: IncomingMessage; readonly body: Record<string, unknown> }

  async function listening(
    context: TestContext,
    statuses: number[],
  ): Promise<{ url: Secret; posts: Post[] }> {
    const posts: Post[] = []
    const server = createServer(async (request, response) => {
      const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>)
      posts.push({ request, body: JSON.parse(Buffer.concat(chunks).toString()) })
      const headers = { location: '/elsewhere' }
      response.writeHead(statuses.shift() ?? 200, headers).end('token=abc')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    context.after(() => server.close())
    const { port } = server.address() as AddressInfo
    return { url: new Secret(`http://127.0.0.1:${port}/hook?token=abc`), posts }
  }

  test('a webhook gets all events as JSON, with the authorization that was declared', async (context) => {
    const { url, posts } = await listening(context, [])
    await webhook({ name: 'pager', url, authorization: new Secret('Bearer xyz') }).send(firing, never)
    assert.equal(posts[0]?.request.headers.authorization, 'Bearer xyz')
    assert.deepEqual(posts[0]?.body, {
      version: 1,
      at: NOW,
      events: JSON.parse(JSON.stringify(firing.events)),
    })
  })

  test('Slack gets a text in which no name can be markup', async (context) => {
    const { url, posts } = await listening(context, [])
    const events = [event('firing', 'late', '<!channel> & <b>'), event('recovered')]
    await slack({ name: 'team', url }).send({ at: NOW, events }, never)
    const text = String(posts[0]?.body.text)
    assert.match(text, /1 firing, 1 recovered/)
    assert.match(text, /FIRING \(warning\): late: cluster fra, group &lt;!channel&gt; &amp; &lt;b&gt;/)
  })

  test('an answer says whether trying again can help, and neither address nor token stand in the error', async (context) => {
    const { url } = await listening(context, [503, 404, 302])
    for (const [status, retriable] of [
      [503, true],
      [404, false],
      [302, false],
    ] as const) {
      await assert.rejects(webhook({ name: 'pager', url }).send(firing, never), (error: Error) => {
        assert.match(error.message, new RegExp(`answered ${status}`))
        assert.equal(isRetriable(error), retriable)
        assert.doesNotMatch(error.message, /token|abc/)
        return true
      })
    }
  })

  test('nobody there may be somebody later', async () => {
    const url = new Secret('http://127.0.0.1:1/hook?token=abc')
    await assert.rejects(webhook({ name: 'pager', url }).send(firing, never), (error: Error) => {
      assert.ok(isRetriable(error))
      assert.doesNotMatch(error.message, /token/)
      return true
    })
  })

  test('only https, or http to this machine', () => {
    for (const url of [
      'http://example.com/',
      'file:///etc/passwd',
      'nothing',
      'http://127.0.0.1.example.com/',
    ]) {
      assertCode('ALERT_RECEIVER_INVALID', () => webhook({ name: 'pager', url: new Secret(url) }))
    }
    for (const url of [
      'https://example.com/',
      'http://127.0.0.1:1/',
      'http://localhost/',
      'http://[::1]:1/',
    ]) {
      webhook({ name: 'pager', url: new Secret(url) })
    }
  })
})

describe('by mail', () => {
  const authority = makeCertificate({ commonName: 'authority' })
  const { certificate: cert, key } = makeCertificate({
    commonName: 'mail',
    issuer: authority,
    names: ['127.0.0.1'],
  })
  const address = {
    host: '127.0.0.1',
    ca: authority.certificate,
    from: 'kmc@fra.example',
    to: ['ops@fra.example'],
  }

  /** A mail server that speaks as RFC 5321 wants, and what was said to it. */
  async function serving(context: TestContext, answers: Readonly<Record<string, string>> = {}) {
    const said: string[] = []
    const reply = (line: string, isSecure: boolean): string => {
      const verb = line.split(/[ :]/)[0]!
      const usual: Record<string, string> = {
        EHLO: isSecure ? '250-hi\r\n250 AUTH PLAIN LOGIN' : '250-hi\r\n250 STARTTLS',
        ...{
          STARTTLS: '220 go',
          AUTH: '235 in',
          MAIL: '250 ok',
          RCPT: '250 ok',
          DATA: '354 go',
          QUIT: '221 bye',
        },
      }
      return answers[verb] ?? usual[verb] ?? '500 what'
    }
    const converse = (socket: Socket, isSecure: boolean): void => {
      let inData = false
      let rest = ''
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        rest += chunk
        for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
          const line = rest.slice(0, end)
          rest = rest.slice(end + 2)
          said.push(line)
          if (inData && line !== '.') continue
          const answer = inData ? '250 taken' : reply(line, isSecure)
          inData = answer.startsWith('354')
          socket.write(`${answer}\r\n`)
          if (line === 'STARTTLS' && answer.startsWith('220')) {
            socket.removeAllListeners('data')
            converse(new TLSSocket(socket, { isServer: true, cert, key }), true)
          }
        }
      })
    }
    const server: Server = createTcpServer((socket) => {
      converse(socket, false)
      socket.write('220 mail\r\n')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    context.after(() => server.close())
    return { port: (server.address() as AddressInfo).port, said }
  }

  const login = { user: 'kmc', password: new Secret('s3cret') }

  function bodyOf(said: readonly string[]): string {
    const from = said.indexOf('', said.indexOf('DATA'))
    return Buffer.from(said.slice(from + 1, said.indexOf('.')).join(''), 'base64').toString()
  }

  test('after STARTTLS and a login, with what is wrong and what to do', async (context) => {
    const { port, said } = await serving(context)
    const events = [event('firing', 'Späte Gruppe', '.\r\nQUIT'), event('recovered')]
    await smtp({ ...address, name: 'mail', port, security: 'starttls', login }).send(
      { at: NOW, events },
      never,
    )
    assert.ok(said.indexOf('STARTTLS') < said.findIndex((line) => line.startsWith('AUTH')))
    assert.ok(said.includes(`AUTH PLAIN ${Buffer.from('\0kmc\0s3cret').toString('base64')}`))
    assert.deepEqual(
      said.filter((line) => /^(MAIL|RCPT)/.test(line)),
      ['MAIL FROM:<kmc@fra.example>', 'RCPT TO:<ops@fra.example>'],
    )
    assert.match(bodyOf(said), /FIRING \(warning\): Späte Gruppe: cluster fra, group \.\r\nQUIT\n/)
    assert.match(bodyOf(said), /Look at its members\./)
    assert.equal(said.filter((line) => line === 'QUIT').length, 1)
  })

  test('by AUTH LOGIN where only that is offered', async (context) => {
    const { port, said } = await serving(context, { EHLO: '250 AUTH LOGIN', AUTH: '334 name' })
    const options: SmtpOptions = { ...address, name: 'mail', port, security: 'starttls', login }
    // This server asks for a name and never goes on, which is as far as a reply of one line a verb can go.
    await assert.rejects(smtp(options).send(firing, never), /refused the login: 500/)
    assert.ok(said.includes(Buffer.from('kmc').toString('base64')))
  })

  test('is refused for good, or for now', async (context) => {
    const { port } = await serving(context, { RCPT: '550 nobody here', MAIL: '250 ok' })
    const options = { ...address, name: 'mail', port, security: 'starttls' } as const
    await assert.rejects(smtp(options).send(firing, never), (error: Error) => {
      assert.match(error.message, /refused <ops@fra\.example>: 550 nobody here/)
      return !isRetriable(error)
    })
    const busy = await serving(context, { MAIL: '451 later' })
    await assert.rejects(smtp({ ...options, port: busy.port }).send(firing, never), isRetriable)
  })

  test('not to a server that nobody vouches for, nor with a password in clear', async (context) => {
    const { port, said } = await serving(context)
    const { ca: _, ...untrusting } = address
    const options = { ...untrusting, name: 'mail', port, security: 'starttls', login } as const
    await assert.rejects(smtp(options).send(firing, never), /certificate/)
    assert.ok(!said.some((line) => line.startsWith('AUTH')))
    assertCode('ALERT_RECEIVER_INVALID', () => smtp({ ...options, security: 'none' }))
    assertCode('ALERT_RECEIVER_INVALID', () => smtp({ ...options, to: ['a@b>\r\nRCPT TO:<c@d'] }))
    assertCode('ALERT_RECEIVER_INVALID', () => smtp({ ...options, to: [] }))
  })
})

describe('a receiver that fails', () => {
  test('is tried again while that can help, in order; what it will never take is given up', async () => {
    const outcomes = ['later', 'ok', 'never', 'ok']
    const seen: number[] = []
    const send = async ({ at }: Notification): Promise<void> => {
      seen.push(at)
      const outcome = outcomes.shift()
      if (outcome !== 'ok') throw undelivered('pager', 'no', outcome === 'later')
    }
    const clock = { now: () => NOW, sleep: async () => {}, after: () => () => {} }
    await using queue = new ReceiverQueue({ name: 'pager', send }, { clock })
    for (const at of [1, 2, 3]) queue.push({ ...firing, at: NOW + at })
    queue.push({ at: NOW, events: [] })
    while (queue.status.waiting > 0) await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(
      seen.map((at) => at - NOW),
      [1, 1, 2, 3],
    )
    assert.deepEqual([queue.status.sent, queue.status.lost], [2, 1])
  })
})
