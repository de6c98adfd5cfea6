import { stringify } from 'yaml'

export type ScrapeOptions = {
  /** `host:port` of each kmc that is to be asked. */
  readonly targets: readonly string[]
  /** A file that holds a token of the fleet file; null where the port asks for none. */
  readonly tokenFile: string | null
  /** Left out where there are no alerts to be loaded. */
  readonly rulesFile?: string
  readonly scheme?: 'http' | 'https'
}

/** The part of a Prometheus configuration by which a fleet is asked. */
export function prometheusFile({ targets, tokenFile, rulesFile, scheme = 'http' }: ScrapeOptions): string {
  return stringify(
    {
      ...(rulesFile === undefined ? {} : { rule_files: [rulesFile] }),
      scrape_configs: [
        {
          ...{ job_name: 'kmc', scheme, scrape_interval: '10s' },
          ...(tokenFile === null ? {} : { authorization: { type: 'Bearer', credentials_file: tokenFile } }),
          static_configs: [{ targets: [...targets] }],
        },
      ],
    },
    { lineWidth: 0 },
  )
}
