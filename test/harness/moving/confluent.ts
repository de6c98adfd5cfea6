import { fileURLToPath } from 'node:url'
import { runCommand } from '../../../src/engine/processes/run-command.ts'
import { isOnPath } from '../../kit/need.ts'
import { cachedFolder, environment } from './cached.ts'
import type { Program } from './program.ts'

const SCRIPT = fileURLToPath(new URL('./confluent.py', import.meta.url))
const VERSION = '2.16.1'
const INSTALL_MS = 120_000

/** Clients of confluent-kafka (librdkafka with it), installed for tests alone. */
export async function confluentProgram(): Promise<Program> {
  if (!isOnPath('python3')) return { why: 'no python3' }
  const found = await cachedFolder(`test-python/confluent-kafka-${VERSION}`, install)
  if ('why' in found) return found
  return { command: ['env', `PYTHONPATH=${found.folder}`, 'python3', '-u', SCRIPT] }
}

async function install(folder: string): Promise<void> {
  const wheel = ['--quiet', '--only-binary', ':all:', '--no-deps', '--target', folder]
  const args = ['-m', 'pip', 'install', ...wheel, `confluent-kafka==${VERSION}`]
  const { code, stderr } = await runCommand(
    { file: 'python3', args, env: environment() },
    { timeoutMs: INSTALL_MS },
  )
  const said = stderr.trim().split('\n').at(-1)
  if (code !== 0) throw new Error(`pip cannot install confluent-kafka: ${said}`)
}
