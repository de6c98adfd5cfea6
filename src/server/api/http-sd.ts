import { z } from 'zod'
import { type Route, route } from '../http/route.ts'

const targets = z.array(z.object({ targets: z.array(z.string()), labels: z.record(z.string(), z.string()) }))

/** What Prometheus asks to find whom it scrapes (http_sd): this server, under the name that it was asked by. */
export const httpSdRoutes: readonly Route[] = [
  route({
    ...{ method: 'GET', path: '/api/http-sd', tag: 'about', action: null },
    summary: 'Prometheus http_sd: where the metrics of this fleet are served',
    need: { role: 'viewer', on: 'somewhere' },
    answer: targets,
    handle({ house, proof: { host, isTls } }) {
      const labels = { fleet: house.status().fleet, __scheme__: isTls ? 'https' : 'http' }
      return [
        { targets: host === undefined ? [] : [host], labels: { ...labels, __metrics_path__: '/metrics' } },
      ]
    },
  }),
]
