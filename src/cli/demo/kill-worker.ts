import { formatDuration } from '../terminal/units.ts'
import { DEMO_LINK } from './demo-fleet.ts'
import type { Stage } from './stage.ts'

/** Kills the worker as the kernel would when memory runs out, and tells what follows. False: there was none to kill. */
export async function killWorker(stage: Stage, signal: AbortSignal): Promise<boolean> {
  const { supervisor, screen } = stage
  const runner = supervisor.link(DEMO_LINK)
  const pid = runner?.worker.pid ?? null
  if (runner === null || pid === null) return false
  const at = Date.now()
  runner.kill('SIGKILL')
  screen.blow(`the link's worker is killed with kill -9 (process ${pid}), while the shop goes on writing`)
  const isBack = () => runner.worker.pid !== null && runner.worker.pid !== pid
  if (!(await stage.until(isBack, signal))) return true
  const away = formatDuration(Date.now() - at)
  screen.good(`worker started again as process ${runner.worker.pid} after ${away}`)
  // A status of the new worker, not the last one of the old.
  const caughtUp = () => {
    const lag = runner.status?.lag
    return (
      lag !== undefined &&
      lag.at > at &&
      isBack() &&
      lag.records !== null &&
      lag.seconds !== null &&
      lag.seconds < 1
    )
  }
  if (!(await stage.until(caughtUp, signal))) return true
  const took = formatDuration(Date.now() - at)
  screen.good(`caught up ${took} after the kill; it read its position from virginia's own logs`)
  return true
}
