import { once } from 'node:events'
import type net from 'node:net'
import rhea, { type Delivery, type EventContext, type Message } from 'rhea'

/** How the n-th message was disposed of; what rhea settles in one turn it puts in one range, with one outcome. */
const outcomes = [
  (delivery: Delivery) => delivery.modified({ delivery_failed: true } as never),
  (delivery: Delivery) => delivery.release(),
  (delivery: Delivery) => delivery.accept(),
  (delivery: Delivery) => delivery.reject({ condition: 'amqp:decode-error', description: 'bad' }),
]
const MODIFIED_WITH_THE_ONE_BEFORE = [1, 17]
const STREAMED = 40

/** The server that `rhea_server` was recorded with: it refuses, redirects, streams and makes up nodes. */
export async function rheaServer(): Promise<net.Server> {
  const container = rhea.create_container({ id: 'srv' })
  container.sasl_server_mechanisms.enable_plain(
    (user: string, password: string) => user === 'alice' && password === 's3cret',
  )
  container.sasl_server_mechanisms.enable_anonymous()
  let nodes = 0
  container.on('sender_open', ({ sender }: EventContext) => {
    const { address, dynamic } = sender!.source
    if (address === 'missing') sender!.close({ condition: 'amqp:not-found', description: 'no such node' })
    else sender!.set_source({ address: dynamic ? `dyn-${++nodes}-of-${process.pid}` : address } as never)
  })
  container.on('receiver_open', ({ receiver }: EventContext) => {
    const { address } = receiver!.target
    if (address === 'forbidden') receiver!.close({ condition: 'amqp:unauthorized-access', description: 'not you' })
    else receiver!.set_target({ address } as never)
  })
  const streamed = new Map<unknown, number>()
  container.on('sendable', ({ sender }: EventContext) => {
    for (let count = streamed.get(sender) ?? 0; sender!.sendable() && count < STREAMED; count++) {
      streamed.set(sender, count + 1)
      if (sender!.source.address === 'stream') sender!.send({ body: `s${count + 1}` })
    }
  })
  const settled = new Map<unknown, number>()
  container.on('message', ({ message, delivery, receiver }: EventContext) => {
    if ((message as Message).body === 'redirect') {
      receiver!.close({ condition: 'amqp:link:redirect', description: 'go' })
      return
    }
    const count = settled.get(receiver) ?? 0
    settled.set(receiver, count + 1)
    const settle = outcomes[MODIFIED_WITH_THE_ONE_BEFORE.includes(count) ? 0 : count % outcomes.length]!
    setImmediate(() => settle(delivery!))
  })
  for (const event of ['disconnected', 'connection_error', 'session_error', 'receiver_error', 'sender_error']) {
    container.on(event, () => {})
  }
  const limits = { max_frame_size: 8192, channel_max: 10, idle_time_out: 4000 }
  const server = container.listen({ port: 0, host: '127.0.0.1', autoaccept: false, ...limits } as never)
  await once(server, 'listening')
  return server
}
