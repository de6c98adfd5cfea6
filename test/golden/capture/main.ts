import { mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Metadata } from '../../../src/wire/apis/003-metadata.ts'
import type { AnyApi } from '../../../src/wire/apis/index.ts'
import { type CapturedBroker, startBroker, stopBroker } from './broker.ts'
import { Collector } from './collector.ts'
import { startProxy } from './frame-proxy.ts'
import { kafkaJsTraffic, kcatTraffic } from './other-clients.ts'
import { run } from './run.ts'
import { save } from './save.ts'
import { ask, sweep } from './sweep.ts'

// Makes test/golden/kafka-*/ anew: node test/golden/capture/main.ts [version…]. Needs Java 17 and the jars of each
// version in kmc's cache, as `kmc demo` puts them there, and kcat.
const versions = process.argv.length > 2 ? process.argv.slice(2) : ['3.9.2', '4.3.1']
const basePort = Number(process.env.KMC_GOLDEN_PORT ?? 20010)
const golden = fileURLToPath(new URL('../', import.meta.url))
const ports = {
  client: basePort,
  clientProxy: basePort + 1,
  controller: basePort + 2,
  controllerProxy: basePort + 3,
}
const bootstrap = `127.0.0.1:${ports.clientProxy}`

for (const version of versions) await capture(version)

async function capture(version: string): Promise<void> {
  const cache = process.env.KMC_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kmc')
  const libs = join(cache, 'kafka', version, 'libs')
  const folder = mkdtempSync(join(tmpdir(), 'kmc-golden-'))
  const collector = new Collector()
  const servers = await Promise.all([
    startProxy(ports.clientProxy, ports.client, (exchange) => collector.take(exchange)),
    startProxy(ports.controllerProxy, ports.controller, (exchange) => collector.take(exchange)),
  ])
  collector.from = 'broker'
  const broker = await startBroker(version, libs, folder, ports)
  try {
    await traffic(broker, collector)
  } finally {
    await stopBroker(broker)
    for (const server of servers) server.close()
  }
  await save(join(golden, `kafka-${version}`), version, broker, collector)
  rmSync(folder, { recursive: true })
}

async function traffic({ classPath }: CapturedBroker, collector: Collector): Promise<void> {
  collector.from = 'java'
  const source = fileURLToPath(new URL('Traffic.java', import.meta.url))
  console.log(await run('java', ['-Xmx256m', '-cp', classPath, source, bootstrap]))
  collector.from = 'kafkajs'
  await kafkaJsTraffic(bootstrap)
  collector.from = 'librdkafka'
  await kcatTraffic(bootstrap)
  collector.from = 'kmc'
  const topicId = await topicIdOf('codecs')
  for (const failure of await sweep(ports.clientProxy, { topic: 'codecs', topicId }))
    console.log(`sweep   ${failure}`)
}

async function topicIdOf(topic: string): Promise<string> {
  const body = { topics: [{ name: topic }] }
  const answer = await ask(ports.clientProxy, Metadata as unknown as AnyApi, 12, body)
  return (answer as { topics: { topicId: string }[] }).topics[0]!.topicId
}
