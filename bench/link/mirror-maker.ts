import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeProperties } from '../../src/engine/java-properties.ts'
import { javaToolCommand } from '../../src/engine/kafka/java-tool.ts'
import { toolClass } from '../../src/engine/kafka/tool-names.ts'
import { dismissGuardian, GUARDIAN_FD, guarded } from '../../src/engine/processes/guardian.ts'
import { type Arena, KAFKA_VERSION } from './arena.ts'
import type { Contender, Mirroring } from './contender.ts'
import type { Shape } from './shapes.ts'

const HEAP_MIB = 1024
/** What Java itself would choose on a server; the tools' options are made for a quick start. */
const SERVER_JVM = ['-XX:-UseSerialGC', '-XX:+UseG1GC', '-XX:TieredStopAtLevel=4']
const LOG_TAIL_LINES = 5

/** MirrorMaker 2 in dedicated mode, as it comes. */
export const mirrorMakerDefault: Contender = {
  name: 'mm2-default',
  start: (arena, topic, run) => startMirrorMaker(arena, topic, run, {}),
}

/** MirrorMaker 2 with what its operators set for throughput. */
export const mirrorMakerTuned: Contender = {
  name: 'mm2-tuned',
  start: (arena, topic, run, shape) => startMirrorMaker(arena, topic, run, tuning(run, shape)),
}

function tuning(source: string, shape: Shape | null): Record<string, string> {
  const consumer = `${source}->destination.source.consumer`
  return {
    'tasks.max': '4',
    'destination.producer.batch.size': '262144',
    'destination.producer.linger.ms': '20',
    'destination.producer.buffer.memory': '134217728',
    'destination.producer.max.request.size': '4194304',
    'destination.producer.compression.type': shape?.compression ?? 'none',
    [`${consumer}.max.poll.records`]: '5000',
    [`${consumer}.fetch.max.bytes`]: '67108864',
    [`${consumer}.max.partition.fetch.bytes`]: '4194304',
    [`${consumer}.receive.buffer.bytes`]: '1048576',
  }
}

/** The source's alias is the name of the run: offsets of an earlier run are kept under that of its own. */
function settings({ source, destination }: Arena, topic: string, alias: string): Record<string, string> {
  const flow = `${alias}->destination`
  const internal = ['checkpoints.topic', 'heartbeats.topic', 'offset-syncs.topic', 'config.storage']
  const copies = ['', ...internal.map((name) => `${name}.`), 'offset.storage.', 'status.storage.']
  return {
    clusters: `${alias},destination`,
    [`${alias}.bootstrap.servers`]: source.config.bootstrap.join(','),
    'destination.bootstrap.servers': destination.config.bootstrap.join(','),
    [`${flow}.enabled`]: 'true',
    [`destination->${alias}.enabled`]: 'false',
    [`${flow}.topics`]: topic,
    'sync.topic.acls.enabled': 'false',
    'emit.heartbeats.enabled': 'false',
    ...Object.fromEntries(copies.map((name) => [`${name}replication.factor`, '1'])),
  }
}

async function startMirrorMaker(
  arena: Arena,
  topic: string,
  run: string,
  tuned: Record<string, string>,
): Promise<Mirroring> {
  const [file, logFile] = [join(arena.directory, `${run}.properties`), join(arena.directory, `${run}.log`)]
  await writeFile(file, encodeProperties({ ...settings(arena, topic, run), ...tuned }))
  const mainClass = toolClass('mirror-maker', KAFKA_VERSION)
  const { directory } = arena
  const jvm = { heapMiB: HEAP_MIB, jvmOptions: [...SERVER_JVM, `-Djava.io.tmpdir=${directory}`], directory }
  const command = guarded(await javaToolCommand(KAFKA_VERSION, mainClass, [file], jvm), 0)
  const log = openSync(logFile, 'a')
  const child = spawn(command.file, command.args, {
    stdio: ['ignore', log, log, 'pipe'],
    env: { ...command.env },
    cwd: arena.directory,
  })
  closeSync(log)
  // The pipe breaks when the program is killed; its exit tells that.
  child.stdio[GUARDIAN_FD]?.on('error', () => {})
  child.once('exit', () => dismissGuardian(child))
  await once(child, 'spawn')
  return {
    pid: child.pid!,
    mirror: `${run}.${topic}`,
    ended: () => (isRunning(child) ? null : `MirrorMaker 2 ended:\n${tailOf(logFile)}`),
    stop: async () => {
      if (!isRunning(child)) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}

function tailOf(path: string): string {
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n')
}
