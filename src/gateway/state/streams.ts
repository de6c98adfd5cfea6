/** Kafka Streams names its clients after their threads, whatever the application calls itself. */
const PRODUCER = /-StreamThread-\d+-producer$/
const CONSUMER = /-StreamThread-\d+-consumer$/

export function isStreamsProducer(clientId: string | null): boolean {
  return clientId !== null && PRODUCER.test(clientId)
}

/** The consumer of a thread, which is the member of the application's group. */
export function isStreamsConsumer(clientId: string | null): boolean {
  return clientId !== null && CONSUMER.test(clientId)
}
