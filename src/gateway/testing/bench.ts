import assert from 'node:assert/strict'
import { systemClock } from '../../base/clock.ts'
import {
  type Api,
  decodeResponseFrame,
  encodeRequestFrame,
  encodeResponseFrame,
  type Input,
} from '../../wire/api.ts'
import type { GatewayError } from '../errors.ts'
import { defaultLimits, type Limits } from '../limits.ts'
import { PassedThroughLogin } from '../login/passed-through.ts'
import { apiVersionsAnswer, commonOffer } from '../rewrite/018-api-versions.ts'
import { servedApis } from '../rewrite/served.ts'
import { Slots } from '../rewrite/slots.ts'
import { TopicIds } from '../rewrite/topic-ids.ts'
import { View } from '../rewrite/view.ts'
import { Session } from '../session/session.ts'
import { Rules } from '../state/rules.ts'

type Sent = { readonly key: number; readonly correlationId: number }

/** One session between a client and a broker that are both this test. */
export class Bench {
  readonly rules: Rules
  readonly session: Session
  /** Bytes that reached either side. */
  client: Buffer = Buffer.alloc(0)
  broker: Buffer = Buffer.alloc(0)
  wanted = 0
  closedBy: GatewayError | null = null
  clientId = 'test'
  handedOver: string[] = []
  #correlationId = 0

  constructor(limits: Partial<Limits> = {}) {
    this.rules = new Rules('a', systemClock, async (cluster, id) => {
      this.handedOver.push(`${id}@${cluster}`)
      return { producerId: 77, producerEpoch: 5 }
    })
    const slots = new Slots({ host: 'front', port: 9192 }, 3)
    slots.note([4])
    const view = new View('virtual', slots, new TopicIds())
    const offer = commonOffer([
      {
        apiKeys: servedApis.map(({ key, min, max }) => ({ apiKey: key, minVersion: min, maxVersion: max })),
        supportedFeatures: [],
        finalizedFeatures: [],
      },
    ])
    const host = {
      limits: { ...defaultLimits, ...limits },
      rules: this.rules,
      login: new PassedThroughLogin(),
      census: { noteLibrary() {}, noteTopics() {} },
      view: () => Object.assign(view, { missedTopic: false }),
      offer: () => ({
        fingerprint: offer.fingerprint,
        answer: (version: number, correlationId: number) => apiVersionsAnswer(offer, version, correlationId),
      }),
      learn: async () => {},
    }
    this.session = new Session(host, {
      toClient: (bytes) => {
        this.client = Buffer.concat([this.client, bytes])
      },
      toBroker: (bytes) => {
        this.broker = Buffer.concat([this.broker, bytes])
      },
      needBroker: () => {
        this.wanted++
      },
      changed: () => {},
      close: (reason) => {
        this.closedBy ??= reason
      },
    })
  }

  /** A session whose broker is there. */
  static connected(limits: Partial<Limits> = {}): Bench {
    const bench = new Bench(limits)
    bench.session.brokerOpened()
    return bench
  }

  ask<Req, Res>(api: Api<Req, Res>, version: number, body: Input<Req>): number {
    const correlationId = ++this.#correlationId
    const header = { correlationId, clientId: this.clientId }
    this.session.fromClient(Buffer.concat(encodeRequestFrame(api, version, header, body)))
    return correlationId
  }

  answer<Req, Res>(api: Api<Req, Res>, version: number, correlationId: number, body: Input<Res>): void {
    this.session.fromBroker(Buffer.concat(encodeResponseFrame(api, version, correlationId, body)))
  }

  /** What reached the broker since the last call. */
  takeSent(): Sent[] {
    const frames = split(this.broker)
    this.broker = Buffer.alloc(0)
    return frames.map((frame) => ({ key: frame.readInt16BE(0), correlationId: frame.readInt32BE(4) }))
  }

  /** Correlation ids that reached the client since the last call. */
  takeAnswers(): number[] {
    const frames = split(this.client)
    this.client = Buffer.alloc(0)
    return frames.map((frame) => frame.readInt32BE(0))
  }

  /** The one answer that reached the client since the last call. */
  takeAnswer<Req, Res>(api: Api<Req, Res>, version: number): Res {
    const [frame, ...more] = split(this.client)
    assert.ok(frame !== undefined && more.length === 0)
    this.client = Buffer.alloc(0)
    return decodeResponseFrame(api, version, frame).body
  }
}

function split(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readInt32BE(at)
    frames.push(bytes.subarray(at + 4, end))
    at = end
  }
  return frames
}

const records = Buffer.alloc(100)
const topicData = [{ name: 'orders', partitionData: [{ index: 2, records }] }]
export const produce = (acks = -1, transactionalId: string | null = null) => ({
  transactionalId,
  acks,
  topicData,
})
export const settled = () => new Promise((resolve) => setImmediate(resolve))
