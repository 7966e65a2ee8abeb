import type { Delivery } from './drive.ts'

/** A delivery that its driver fills in anew for each message. */
export type OpenDelivery = { -readonly [Name in keyof Delivery]: Delivery[Name] }

export const openDelivery = (): OpenDelivery => ({
  id: -1,
  bytes: NOTHING,
  start: 0,
  end: 0,
  size: 0,
  redelivered: false,
  source: 0,
  replyTo: undefined,
})

const NOTHING: Uint8Array = new Uint8Array(0)
