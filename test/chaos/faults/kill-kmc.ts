import type { Fault } from './fault.ts'

/** Kills kmc itself with -9; its worker goes with it. An operator starts it again. */
export const killKmc: Fault = {
  name: 'kill-kmc',
  draw: () => ({
    label: '',
    async run({ link }, { killed }) {
      await link.killSupervisor()
      killed('kmc')
    },
  }),
}
