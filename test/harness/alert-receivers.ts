import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net'

/** What a receiver of alerts on this machine was told, in order. */
export type Listening<Told> = { readonly port: number; readonly told: Told[]; close(): void }

async function opened(server: Server | TcpServer): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Takes whatever is posted as JSON. */
export async function listenForPosts<Told>(): Promise<Listening<Told>> {
  const told: Told[] = []
  const server = createServer(async (request, response) => {
    const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>)
    told.push(JSON.parse(Buffer.concat(chunks).toString()) as Told)
    response.end()
  })
  return { port: await opened(server), told, close: () => server.close() }
}

const DATA_END = '\r\n.\r\n'

/** A mail server that takes every mail; what is told are their subjects. */
export async function listenForMail(): Promise<Listening<string>> {
  const told: string[] = []
  const server = createTcpServer((socket) => {
    let said = ''
    let isData = false
    socket.setEncoding('utf8')
    socket.on('error', () => socket.destroy())
    socket.write('220 ready\r\n')
    socket.on('data', (text: string) => {
      said += text
      for (;;) {
        const end = isData ? DATA_END : '\r\n'
        const at = said.indexOf(end)
        if (at < 0) return
        const part = said.slice(0, at)
        said = said.slice(at + end.length)
        if (isData) told.push(subjectOf(part))
        isData = !isData && part === 'DATA'
        socket.write(isData ? '354 go on\r\n' : part === 'QUIT' ? '221 bye\r\n' : '250 ok\r\n')
      }
    })
  })
  return { port: await opened(server), told, close: () => server.close() }
}

/** Words of RFC 2047 put together again. */
function subjectOf(mail: string): string {
  const [, folded = ''] = /^Subject: (.*(?:\r\n .*)*)$/m.exec(mail) ?? []
  const words = [...folded.matchAll(/=\?utf-8\?B\?([^?]*)\?=/g)]
  return words.map(([, word]) => Buffer.from(word!, 'base64').toString()).join('')
}
