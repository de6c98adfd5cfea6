/**
 * The server's half of one SASL mechanism: messages in, messages out. `user` is who has proved himself, once he has.
 * `next` gives null for a client that could not.
 */
export type ServerExchange = {
  readonly user: string | null
  next(message: Buffer): Promise<Buffer | null>
}
