import { mover } from './kafkajs.ts'
import { LineProgram } from './lines.ts'
import { type Mover, type Place, recordValue, Tally } from './mover.ts'

const settings = ['-X', 'topic.message.timeout.ms=60000']

/** librdkafka's command, fed with a line now and then. It tells nothing of single records: only that all were taken. */
export async function kcatWriter({ bootstrap, topic, pauseMs }: Place, name: string): Promise<Mover> {
  const tally = new Tally()
  const idempotent = ['-X', 'enable.idempotence=true', '-X', `client.id=${name}`]
  const args = ['-P', '-b', bootstrap, '-t', topic, '-K', '\t', ...idempotent, ...settings]
  const program = new LineProgram('kcat', args, () => {})
  const ids: number[] = []
  const timer = setInterval(() => {
    if (program.hasEnded) return
    const id = tally.begin()
    ids.push(id)
    program.write(`key-${id}\t${recordValue(name, id)}`)
  }, pauseMs)
  return mover(name, 'writer', tally, async () => {
    clearInterval(timer)
    const hadEnded = program.hasEnded
    const code = await program.end(null)
    if (hadEnded || code !== 0) tally.error(`ended with ${code}: ${program.stderr}`)
    else for (const id of ids) tally.acknowledged(id)
  })
}

export async function kcatReader({ bootstrap, topic }: Place, name: string): Promise<Mover> {
  const tally = new Tally()
  const group = ['-G', name, topic, '-X', 'auto.offset.reset=earliest', '-X', `client.id=${name}`]
  const args = [
    '-b',
    bootstrap,
    '-q',
    '-u',
    '-f',
    '%p %o\\n',
    '-X',
    'isolation.level=read_committed',
    ...group,
  ]
  const program = new LineProgram('kcat', args, (line) => {
    const [partition, offset] = line.split(' ')
    tally.read(Number(partition), Number(offset))
  })
  return mover(name, 'reader', tally, async () => {
    if (program.hasEnded) tally.error(`it has ended: ${program.stderr}`)
    await program.end('SIGTERM')
  })
}
