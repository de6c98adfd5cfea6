import type { ChildProcess } from 'node:child_process'
import { Writable } from 'node:stream'

/** A program to start: file, arguments, environment, working folder. */
export type ProcessCommand = {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly directory?: string
}

/** The file descriptor on which the guardian listens; a pipe whose other end only the supervisor holds. */
export const GUARDIAN_FD = 3
/** What the supervisor writes into that pipe when it has seen the process end. */
const GUARDIAN_DONE = 'done\n'

/**
 * Starts a program that cannot outlive its supervisor. The shell forks a guardian that waits on the pipe and
 * then becomes the program (exec), which therefore keeps the pid that the supervisor knows. When the
 * supervisor ends in whatever way, kill -9 included, the kernel closes the pipe: the guardian reads
 * end-of-file, sends TERM to the program and, after the grace, KILL. When the program ends first, the
 * supervisor writes `done` and the guardian leaves without a signal, so that a reused pid is never hit. A
 * process group or a Linux-only prctl(2) would not do: the first survives kill -9, the second is not on
 * macOS.
 */
const GUARDIAN_SCRIPT = `
grace=$1
shift
(
  trap '' HUP INT TERM
  exec </dev/null >/dev/null 2>&1
  cd /
  if IFS= read -r word <&3 && [ "$word" = done ]; then exit 0; fi
  kill -TERM $$
  waited=0
  while [ "$waited" -lt "$grace" ] && kill -0 $$; do
    sleep 1
    waited=$((waited + 1))
  done
  kill -KILL $$
) &
exec "$@" 3<&-
`

/**
 * The command that runs `command` under a guardian which gives it `graceSeconds` to end after the
 * supervisor's death.
 */
export function guarded(command: ProcessCommand, graceSeconds: number): ProcessCommand {
  const args = ['-c', GUARDIAN_SCRIPT, 'kmc-guardian', String(graceSeconds), command.file, ...command.args]
  return { ...command, file: '/bin/sh', args }
}

/** Tells the guardian of a child that was spawned with a pipe at GUARDIAN_FD that its work is over. */
export function dismissGuardian(child: ChildProcess): void {
  const pipe = child.stdio[GUARDIAN_FD]
  if (pipe instanceof Writable) pipe.end(GUARDIAN_DONE)
}
