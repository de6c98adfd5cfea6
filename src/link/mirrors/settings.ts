import { isKafkaError } from '../../client/errors.ts'
import type { ConfigTravel } from '../travel/options.ts'
import {
  configDifference,
  heldSettings,
  mirrorSettings,
  type SettingRules,
  seedingSettings,
  type TopicConfig,
  travelling,
  unknownSettings,
} from './configs.ts'
import type { MirrorDestination } from './port.ts'

/** A setting of the source that the mirror cannot have, and why. */
export type SkippedSetting = { readonly name: string; readonly value: string; readonly why: string }

/**
 * Gives one mirror its settings. One that the destination has no word for, or whose value it refuses, is left out and
 * named: neither another version nor a policy for topics may keep records from travelling.
 */
export class MirrorSettings {
  readonly #destination: MirrorDestination
  readonly #mirror: string
  readonly #travel: ConfigTravel
  #rules: SettingRules
  #unknown: SkippedSetting[] = []
  readonly #refused = new Map<string, SkippedSetting>()

  constructor(destination: MirrorDestination, mirror: string, travel: ConfigTravel) {
    this.#destination = destination
    this.#mirror = mirror
    this.#travel = travel
    this.#rules = { ...travel, known: null }
  }

  get skipped(): readonly SkippedSetting[] {
    return [...this.#unknown, ...this.#refused.values()]
  }

  /** Makes the mirror topic, for its normal life or for being seeded. */
  async create(partitions: number, source: TopicConfig, toSeed: boolean): Promise<void> {
    await this.#learn(source)
    const wanted = this.#without(toSeed ? seedingSettings(source, this.#rules) : this.#normal(source))
    const make = (configs: TopicConfig) =>
      this.#destination.create({ name: this.#mirror, partitions, configs })
    try {
      await make(wanted)
    } catch (error) {
      if (!isRefusal(error)) throw error
      // Which setting it was is found out one by one, once the topic is there.
      const needed = [...Object.keys(heldSettings(source)), ...(toSeed ? SEEDING : [])]
      await make(Object.fromEntries(Object.entries(wanted).filter(([name]) => needed.includes(name))))
    }
  }

  /** Settings while it is brought to its start offset. */
  async prepare(source: TopicConfig): Promise<void> {
    await this.#learn(source)
    await this.#bring(await this.#present(), seedingSettings(source, this.#rules))
  }

  /** Settings of its normal life. `present`: where they are known already. */
  async settle(source: TopicConfig, present?: TopicConfig): Promise<void> {
    await this.#learn(source)
    await this.#bring(present ?? (await this.#present()), this.#normal(source))
  }

  /** The source's values of what a mirror holds otherwise, as far as they travel. */
  withheld(source: TopicConfig): TopicConfig {
    const names = Object.keys(heldSettings(source))
    const entries = Object.entries(travelling(source, this.#rules)).filter(([name]) => names.includes(name))
    return Object.fromEntries(entries)
  }

  #normal(source: TopicConfig): TopicConfig {
    return mirrorSettings(source, this.#rules)
  }

  async #learn(source: TopicConfig): Promise<void> {
    const known = (await this.#destination.knownSettings?.()) ?? null
    this.#rules = { ...this.#travel, known }
    const why = 'the destination has no such setting'
    this.#unknown = unknownSettings(source, this.#rules).map((name) => ({ name, value: source[name]!, why }))
  }

  async #present(): Promise<TopicConfig> {
    return (await this.#destination.configs([this.#mirror])).get(this.#mirror) ?? {}
  }

  async #bring(present: TopicConfig, wanted: TopicConfig): Promise<void> {
    for (const [name, { value }] of this.#refused) {
      if (wanted[name] !== value) this.#refused.delete(name)
    }
    const change = configDifference(present, wanted, this.#rules)
    const set = this.#without(change.set)
    try {
      await this.#destination.changeConfigs(this.#mirror, { set, unset: change.unset })
    } catch (error) {
      if (!isRefusal(error)) throw error
      await this.#destination.changeConfigs(this.#mirror, { set: {}, unset: change.unset })
      for (const [name, value] of Object.entries(set)) await this.#try(name, value)
    }
  }

  async #try(name: string, value: string): Promise<void> {
    try {
      await this.#destination.changeConfigs(this.#mirror, { set: { [name]: value }, unset: [] })
    } catch (error) {
      // What a mirror holds it needs: without that setting it cannot be exact.
      if (!isRefusal(error) || name in heldSettings({})) throw error
      this.#refused.set(name, { name, value, why: (error as Error).message })
    }
  }

  #without(settings: TopicConfig): TopicConfig {
    return Object.fromEntries(
      Object.entries(settings).filter(([name, value]) => this.#refused.get(name)?.value !== value),
    )
  }
}

const SEEDING = ['cleanup.policy', 'compression.type']

function isRefusal(error: unknown): boolean {
  return isKafkaError(error, 'INVALID_CONFIG', 'POLICY_VIOLATION', 'INVALID_REQUEST')
}
