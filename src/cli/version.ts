import manifest from '../../package.json' with { type: 'json' }

/** The version of kmc; package.json is its only source. */
export const version: string = manifest.version
