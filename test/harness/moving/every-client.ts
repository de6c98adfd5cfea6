import { OLDEST } from '../clusters.ts'
import { JavaClient } from '../java/client.ts'
import { confluentProgram } from './confluent.ts'
import { franzProgram } from './franz.ts'
import { javaReader, javaWriter } from './java.ts'
import { kafkajsReader, kafkajsWriter } from './kafkajs.ts'
import { kcatReader, kcatWriter } from './kcat.ts'
import type { Mover, Place } from './mover.ts'
import { platformaticReader, platformaticWriter } from './platformatic.ts'
import { oneOfEach, type Program, type ProgramClients, programMovers } from './program.ts'
import { streamsApplications, streamsProgram } from './streams.ts'

/** Which clients are wanted. */
export type Choice = {
  readonly kcat: boolean
  /** Where one side has no KIP-848, nobody is offered it. */
  readonly speaks848: boolean
  /** Names; default all. */
  readonly named?: RegExp
}

export type Started = {
  readonly movers: readonly Mover[]
  /** Clients that are not to be had here, each with the reason. */
  readonly missing: readonly string[]
  /** The Java client of the older version, which has some of them. */
  readonly old: JavaClient
}

const programs: readonly {
  readonly what: string
  readonly find: () => Promise<Program>
  readonly clients: ProgramClients
}[] = [
  { what: 'librdkafka', find: confluentProgram, clients: oneOfEach('librdkafka') },
  { what: 'franz-go', find: franzProgram, clients: oneOfEach('franz') },
  { what: 'Kafka Streams', find: streamsProgram, clients: streamsApplications },
]

/** Sets every client to work that was chosen and can be had. */
export async function startEveryClient(java: JavaClient, place: Place, choice: Choice): Promise<Started> {
  const { speaks848, named = /./ } = choice
  const isWanted = (name: string) => named.test(name) && (speaks848 || !name.endsWith('-848'))
  const wanted = programs
    .map(({ clients, ...rest }) => ({ ...rest, clients: chosenOf(clients, isWanted) }))
    .filter(({ clients }) => Object.keys(clients).length > 0)
  const [old, ...found] = await Promise.all([
    JavaClient.start(OLDEST),
    ...wanted.map(async ({ find, ...rest }) => ({ ...rest, program: await find() })),
  ])
  const movers: Mover[] = []
  const starts = {
    ...javaClients(java, old, place),
    ...nodeClients(place),
    ...(choice.kcat ? kcat(place) : {}),
  }
  for (const [name, start] of Object.entries(starts)) if (isWanted(name)) movers.push(await start(name))
  const missing: string[] = []
  for (const { what, program, clients } of found) {
    if ('why' in program) missing.push(`${what}: ${program.why}`)
    else movers.push(...programMovers(program.command, place, clients))
  }
  return { movers, missing, old }
}

function chosenOf(clients: ProgramClients, isWanted: (name: string) => boolean): ProgramClients {
  return Object.fromEntries(Object.entries(clients).filter(([name]) => isWanted(name)))
}

type Starts = Readonly<Record<string, (name: string) => Promise<Mover>>>

function javaClients(java: JavaClient, old: JavaClient, place: Place): Starts {
  return {
    'java-plain': (name) => javaWriter(java, place, name, 'plain'),
    'java-idempotent': (name) => javaWriter(java, place, name, 'idempotent'),
    'java-transactional': (name) => javaWriter(java, place, name, 'transactional'),
    'java39-idempotent': (name) => javaWriter(old, place, name, 'idempotent'),
    'java39-transactional': (name) => javaWriter(old, place, name, 'transactional'),
    'java-classic': (name) => javaReader(java, place, name, 'classic'),
    'java-848': (name) => javaReader(java, place, name, 'consumer'),
    'java-assigned': (name) => javaReader(java, place, name, null),
    'java39-classic': (name) => javaReader(old, place, name, 'classic'),
    'java39-assigned': (name) => javaReader(old, place, name, null),
  }
}

function nodeClients(place: Place): Starts {
  return {
    'kafkajs-writer': (name) => kafkajsWriter(place, name),
    'kafkajs-reader': (name) => kafkajsReader(place, name),
    'platformatic-writer': (name) => platformaticWriter(place, name),
    'platformatic-reader': (name) => platformaticReader(place, name),
  }
}

function kcat(place: Place): Starts {
  return {
    'kcat-writer': (name) => kcatWriter(place, name),
    'kcat-reader': (name) => kcatReader(place, name),
  }
}
