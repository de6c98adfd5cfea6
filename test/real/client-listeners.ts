import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { speaksPlainKafka } from '../../src/client/probe.ts'
import { encodeProperties, type JavaProperties } from '../../src/engine/java-properties.ts'
import { javaTool, javaToolCommand } from '../../src/engine/kafka/java-tool.ts'
import { choosePorts } from '../../src/engine/ports.ts'
import { runCommand } from '../../src/engine/processes/run-command.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { makeCertificate } from '../kit/certificates.ts'

/** What the broker's users know. */
export const users = {
  plain: { name: 'alice', password: 'alice-word' },
  scram: { name: 'bob', password: 'bob-word' },
}

/** Sessions of SCRAM-SHA-256 without TLS, and of OAUTHBEARER, end after this time (KIP-368). */
export const SESSION_MS = 2_000

const HOST = '127.0.0.1'
const BASE_PORT = Number(process.env.KMC_TEST_PORT ?? 21_000) + 60
const listenerNames = ['CONTROLLER', 'OPEN', 'LOGIN', 'SAFELOGIN', 'MUTUAL', 'TOKEN'] as const

type ListenerName = (typeof listenerNames)[number]

const protocols: Readonly<Record<ListenerName, string>> = {
  CONTROLLER: 'PLAINTEXT',
  OPEN: 'PLAINTEXT',
  LOGIN: 'SASL_PLAINTEXT',
  SAFELOGIN: 'SASL_SSL',
  MUTUAL: 'SSL',
  TOKEN: 'SASL_PLAINTEXT',
}

/** A broker that listens in every way there is; managed clusters have one listener for clients. */
export type ManyListeners = {
  readonly address: (listener: ListenerName) => string
  readonly authority: string
  readonly stranger: string
  readonly client: { readonly certificate: string; readonly key: string }
  readonly stop: () => Promise<void>
}

export async function startManyListeners(version: string): Promise<ManyListeners> {
  const folder = temporaryDirectory('listeners')
  const authority = makeCertificate({ commonName: 'Listeners CA' })
  const issued = { issuer: authority, names: ['localhost', HOST] }
  const server = makeCertificate({ commonName: 'broker', ...issued })
  const client = makeCertificate({ commonName: 'client', ...issued })
  const chosen = await choosePorts(BASE_PORT, listenerNames.length)
  const ports = Object.fromEntries(listenerNames.map((name, at) => [name, chosen[at]!])) as Record<
    ListenerName,
    number
  >
  writeFileSync(join(folder, 'broker.pem'), server.key + server.certificate + authority.certificate, {
    mode: 0o600,
  })
  writeFileSync(join(folder, 'ca.pem'), authority.certificate)
  const settings = join(folder, 'server.properties')
  writeFileSync(settings, encodeProperties(brokerSettings(folder, ports)), { mode: 0o600 })
  await format(version, settings)
  const ending = new AbortController()
  const command = await javaToolCommand(version, 'kafka.Kafka', [settings], { heapMiB: 192 })
  const ended = runCommand(command, { signal: ending.signal }).then(
    ({ stdout, stderr }) => `${stdout}\n${stderr}`.slice(-2_000),
    (error: Error) => error.message,
  )
  const stop = async (): Promise<void> => {
    ending.abort()
    await ended
  }
  const early = Promise.race([
    ended,
    waitUntil('the broker answers', () => speaksPlainKafka({ host: HOST, port: ports.OPEN }), {
      withinMs: PATIENCE_MS,
    }),
  ])
  const output = await early
  if (typeof output === 'string') throw new Error(`the broker did not start: ${output}`)
  return {
    address: (listener) => `${HOST}:${ports[listener]}`,
    authority: authority.certificate,
    stranger: makeCertificate({ commonName: 'Stranger CA' }).certificate,
    client,
    stop,
  }
}

function brokerSettings(folder: string, ports: Readonly<Record<ListenerName, number>>): JavaProperties {
  const at = (name: ListenerName): string => `${name}://${HOST}:${ports[name]}`
  const data = join(folder, 'data')
  mkdirSync(data)
  const { name, password } = users.plain
  const plain = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${name}="${password}";`
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
  const token =
    'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";'
  const logins = ['login', 'safelogin'].flatMap((name) => [
    [`listener.name.${name}.plain.sasl.jaas.config`, plain],
    [`listener.name.${name}.scram-sha-256.sasl.jaas.config`, scram],
    [`listener.name.${name}.scram-sha-512.sasl.jaas.config`, scram],
  ])
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@${HOST}:${ports.CONTROLLER}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'OPEN',
    listeners: listenerNames.map(at).join(','),
    'advertised.listeners': listenerNames
      .filter((name) => name !== 'CONTROLLER')
      .map(at)
      .join(','),
    'listener.security.protocol.map': listenerNames.map((name) => `${name}:${protocols[name]}`).join(','),
    'log.dirs': data,
    'log.cleaner.dedupe.buffer.size': '2097152',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    ...Object.fromEntries(logins),
    'listener.name.login.scram-sha-256.connections.max.reauth.ms': String(SESSION_MS),
    'listener.name.token.sasl.enabled.mechanisms': 'OAUTHBEARER',
    // Kafka's development handlers: they take tokens that are not signed.
    'listener.name.token.oauthbearer.sasl.jaas.config': token,
    'listener.name.token.oauthbearer.connections.max.reauth.ms': String(SESSION_MS),
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': join(folder, 'broker.pem'),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': join(folder, 'ca.pem'),
    'listener.name.mutual.ssl.client.auth': 'required',
  }
}

async function format(version: string, settings: string): Promise<void> {
  const id = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url')
  const credentials = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => {
    return ['--add-scram', `${mechanism}=[name=${users.scram.name},password=${users.scram.password}]`]
  })
  const args = ['format', '--cluster-id', id, '--config', settings, ...credentials]
  const { code, stdout, stderr } = await javaTool(version, 'kafka.tools.StorageTool', args)
  if (code !== 0) throw new Error(`StorageTool ended with ${code}: ${stdout}${stderr}`)
}
