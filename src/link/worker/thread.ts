import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../../base/error.ts'
import type { Log } from '../../base/log.ts'
import { Link } from '../link.ts'
import { type FromThread, type ThreadStart, type ToThread, unpackSpec } from './messages.ts'

/** One more worker of a link in the process of the first, with connections and memory of its own. */

const STATUS_EVERY_MS = 1_000
const { spec: packed, instance, thread } = workerData as ThreadStart

/** One process writes the log file; lines of threads go through it. */
const log: Log = {
  debug: (fields, message) => tell({ type: 'log', level: 'debug', fields, message }),
  info: (fields, message) => tell({ type: 'log', level: 'info', fields, message }),
  warn: (fields, message) => tell({ type: 'log', level: 'warn', fields, message }),
  error: (fields, message) => tell({ type: 'log', level: 'error', fields, message }),
}

function tell(message: FromThread): void {
  parentPort!.postMessage(message)
}

try {
  const link = await Link.start(unpackSpec(packed), { log, instance, thread })
  const timer = setInterval(() => tell({ type: 'status', status: link.status() }), STATUS_EVERY_MS)
  const stop = async () => {
    clearInterval(timer)
    await link.stop()
    tell({ type: 'status', status: link.status() })
    parentPort!.close()
  }
  parentPort!.on('message', (message: ToThread) => {
    if (message.type === 'stop') void stop()
  })
  const { why } = await link.ended
  tell({ type: 'ended', why })
} catch (error) {
  tell({ type: 'failed', message: messageOf(error) })
  parentPort!.close()
}
