import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'

/** Where a broker listens, and where its clients are sent: to the proxies. */
export type BrokerPorts = {
  readonly client: number
  readonly clientProxy: number
  readonly controller: number
  readonly controllerProxy: number
}

export type CapturedBroker = {
  readonly logDirectory: string
  readonly classPath: string
  readonly process: ChildProcess
}

const START_MS_MAX = 60_000
const JVM = ['-Xmx256m', '-Xss512k', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']

/** The jars of a Kafka that kmc has in its cache. */
function classPathOf(libs: string): string {
  return readdirSync(libs)
    .filter((name) => name.endsWith('.jar'))
    .sort()
    .map((name) => join(libs, name))
    .join(':')
}

/** Formats and starts one broker in KRaft mode that tells clients and itself the addresses of the proxies. */
export async function startBroker(
  version: string,
  libs: string,
  folder: string,
  ports: BrokerPorts,
): Promise<CapturedBroker> {
  const classPath = classPathOf(libs)
  const logDirectory = join(folder, 'data')
  const file = join(folder, 'server.properties')
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, properties(version, logDirectory, ports))
  const format = ['format', '-t', 'a21jLWdvbGRlbi1ieXRlcw', '-c', file]
  execFileSync('java', [...JVM, '-cp', classPath, 'kafka.tools.StorageTool', ...format], { stdio: 'pipe' })
  const log = openSync(join(folder, 'broker.log'), 'w')
  const process = spawn('java', [...JVM, '-cp', classPath, 'kafka.Kafka', file], {
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  await untilListening(ports.client, process)
  return { logDirectory, classPath, process }
}

export async function stopBroker({ process }: CapturedBroker): Promise<void> {
  if (process.exitCode !== null) return
  process.kill('SIGTERM')
  await once(process, 'exit')
}

function properties(version: string, logDirectory: string, ports: BrokerPorts): string {
  const lines = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    listeners: `PLAINTEXT://127.0.0.1:${ports.client},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${ports.clientProxy}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': `1@127.0.0.1:${ports.controllerProxy}`,
    'log.dirs': logDirectory,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
    'offsets.topic.num.partitions': '1',
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'log.cleaner.dedupe.buffer.size': '2097152',
    'auto.create.topics.enable': 'false',
    // The records carry times of long ago.
    'log.retention.ms': '-1',
    ...(version.startsWith('3.')
      ? { 'group.coordinator.rebalance.protocols': 'classic,consumer' }
      : {
          'share.coordinator.state.topic.num.partitions': '1',
          'share.coordinator.state.topic.replication.factor': '1',
          'share.coordinator.state.topic.min.isr': '1',
        }),
  }
  return Object.entries(lines)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}

async function untilListening(port: number, process: ChildProcess): Promise<void> {
  const until = Date.now() + START_MS_MAX
  while (Date.now() < until && process.exitCode === null) {
    const socket = connect(port, '127.0.0.1')
    const answer = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (answer) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`the broker does not listen on port ${port}; see broker.log beside its data`)
}
