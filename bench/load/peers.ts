/**
 * Other clients, publishing as fast as their documentation lets them: as many messages under way as the window holds,
 * or, without acknowledgements, until the client says that its buffers are full.
 *
 *     node bench/load/peers.ts NAME PORT COUNT WINDOW
 */
import { once } from 'node:events'
import net from 'node:net'
import { AMQPClient } from '@cloudamqp/amqp-client'
import { Client, type IStompSocket } from '@stomp/stompjs'
import amqplib from 'amqplib'
import coap from 'coap'
import mqtt from 'mqtt'
import rhea from 'rhea'

const [, , name = '', port = '', total = '', most = ''] = process.argv
const [PORT, COUNT, WINDOW] = [Number(port), Number(total), Number(most)]
const DESTINATION = 'mqinspect/load'
/** As RabbitMQ's plugins address a queue. */
const QUEUE = '/queue/mqinspect.load'
/** Nobody consumes: a queue keeps the last so many. */
const LIMIT = { 'x-max-length': 1000 }
const body = Buffer.alloc(100, 'x')

/** Keeps `WINDOW` messages under way: `publish` calls back when its message is answered. */
function windowed(publish: (answered: () => void) => void): Promise<void> {
  return new Promise(resolve => {
    let [sent, answers] = [0, 0]
    let filling = false
    const fill = (): void => {
      filling = false
      for (; sent < COUNT && sent - answers < WINDOW; sent++) publish(answered)
    }
    const answered = (): void => {
      if (++answers === COUNT) resolve()
      else if (!filling) {
        // What is answered together is replaced together.
        filling = true
        setImmediate(fill)
      }
    }
    fill()
  })
}

async function mqttJs(qos: 0 | 1): Promise<void> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${PORT}`, { protocolVersion: 5, reconnectPeriod: 0 })
  if (qos === 1) await windowed(answered => client.publish(DESTINATION, body, { qos }, answered))
  else {
    for (let sent = 0; sent < COUNT; ) {
      for (const end = Math.min(COUNT, sent + WINDOW); sent < end; sent++) client.publish(DESTINATION, body)
      if (client.stream.writableNeedDrain) await once(client.stream, 'drain')
    }
  }
  await client.endAsync()
}

/** What consumers ask for: the sink sends so many of it. */
const SOURCE = `mqinspect/load/${COUNT}`

/** Resolves when all have come; the function is to be called for each. */
function counting(): [came: () => void, all: Promise<void>] {
  let count = 0
  let done = (): void => {}
  const all = new Promise<void>(resolve => {
    done = resolve
  })
  return [() => void (++count === COUNT && done()), all]
}

async function mqttJsConsume(qos: 0 | 1): Promise<void> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${PORT}`, { protocolVersion: 5, reconnectPeriod: 0 })
  const [came, all] = counting()
  client.on('message', came)
  await client.subscribeAsync(SOURCE, { qos })
  await all
}

async function amqplibConsume(): Promise<void> {
  const connection = await amqplib.connect(`amqp://guest:guest@127.0.0.1:${PORT}`)
  const channel = await connection.createChannel()
  const [came, all] = counting()
  await channel.consume(SOURCE, message => {
    if (message !== null) channel.ack(message)
    came()
  })
  await all
}

async function rheaReceive(): Promise<void> {
  const [came, all] = counting()
  const connection = rhea.create_container().connect({ host: '127.0.0.1', port: PORT, reconnect: false })
  connection.open_receiver({ source: SOURCE, credit_window: WINDOW }).on('message', came)
  await all
}

async function amqplibPublish(): Promise<void> {
  const connection = await amqplib.connect(`amqp://guest:guest@127.0.0.1:${PORT}`)
  const channel = await connection.createChannel()
  await channel.assertQueue(DESTINATION, { arguments: LIMIT })
  for (let sent = 0; sent < COUNT; sent++) {
    if (!channel.publish('', DESTINATION, body)) await once(channel, 'drain')
  }
  await channel.close()
  await connection.close()
}

async function amqplibConfirms(): Promise<void> {
  const connection = await amqplib.connect(`amqp://guest:guest@127.0.0.1:${PORT}`)
  const channel = await connection.createConfirmChannel()
  await channel.assertQueue(DESTINATION, { arguments: LIMIT })
  await windowed(answered => channel.publish('', DESTINATION, body, {}, answered))
  await connection.close()
}

async function cloudamqp(confirms: boolean): Promise<void> {
  const client = new AMQPClient(`amqp://guest:guest@127.0.0.1:${PORT}`)
  const connection = await client.connect()
  const channel = await connection.channel()
  if (confirms) await channel.confirmSelect()
  await channel.queueDeclare(DESTINATION, {}, LIMIT)
  await windowed(answered => void channel.basicPublish('', DESTINATION, body).then(answered))
  await connection.close()
}

async function rheaSend(): Promise<void> {
  const container = rhea.create_container()
  const connection = container.connect({
    host: '127.0.0.1',
    port: PORT,
    username: 'guest',
    password: 'guest',
    reconnect: false,
  })
  const sender = connection.open_sender(QUEUE)
  let [sent, accepted] = [0, 0]
  await new Promise<void>(resolve => {
    sender.on('sendable', () => {
      while (sent < COUNT && sent - accepted < WINDOW && sender.sendable()) {
        sender.send({ body: rhea.message.data_section(body) })
        sent++
      }
    })
    sender.on('accepted', () => {
      if (++accepted === COUNT) resolve()
      else if (sent < COUNT && sender.sendable()) {
        sender.send({ body: rhea.message.data_section(body) })
        sent++
      }
    })
  })
  connection.close()
}

/** A TCP connection, as @stomp/stompjs takes one for a WebSocket. */
function overTcp(): IStompSocket {
  const tcp = net.connect(PORT, '127.0.0.1')
  const socket: IStompSocket = {
    url: `tcp://127.0.0.1:${PORT}`,
    readyState: 0,
    onopen: undefined,
    onmessage: undefined,
    onerror: undefined,
    onclose: undefined,
    send: data => void tcp.write(typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer)),
    close: () => void tcp.end(),
  }
  tcp.on('connect', () => socket.onopen?.())
  tcp.on('data', data => socket.onmessage?.({ data: new Uint8Array(data).buffer }))
  tcp.on('close', () => socket.onclose?.({ wasClean: true }))
  return socket
}

async function stompJs(): Promise<void> {
  const client = new Client({
    webSocketFactory: overTcp,
    connectHeaders: { login: 'guest', passcode: 'guest', host: '/' },
    heartbeatIncoming: 0,
    heartbeatOutgoing: 0,
    reconnectDelay: 0,
  })
  const connected = new Promise<void>(resolve => {
    client.onConnect = () => resolve()
  })
  client.activate()
  await connected
  let number = 0
  await windowed(answered => {
    const receipt = String(++number)
    client.watchForReceipt(receipt, answered)
    client.publish({ destination: QUEUE, binaryBody: body, headers: { receipt } })
  })
  await client.deactivate()
}

async function coapPut(): Promise<void> {
  // One socket for all requests: without it, each has one of its own.
  const agent = new coap.Agent({ type: 'udp4' })
  await windowed(answered => {
    const request = coap.request({ host: '127.0.0.1', port: PORT, pathname: DESTINATION, method: 'PUT', agent })
    request.on('response', response => {
      response.resume()
      answered()
    })
    request.end(body)
  })
  agent.close()
}

const PEERS: Readonly<Record<string, () => Promise<void>>> = {
  'mqtt.js-0': () => mqttJs(0),
  'mqtt.js-1': () => mqttJs(1),
  amqplib: amqplibPublish,
  'amqplib-confirms': amqplibConfirms,
  cloudamqp: () => cloudamqp(false),
  'cloudamqp-confirms': () => cloudamqp(true),
  rhea: rheaSend,
  'mqtt.js-0-consumer': () => mqttJsConsume(0),
  'mqtt.js-1-consumer': () => mqttJsConsume(1),
  'amqplib-consumer': amqplibConsume,
  'rhea-consumer': rheaReceive,
  stompjs: stompJs,
  coap: coapPut,
}

const peer = PEERS[name]
if (peer === undefined) throw new Error(`no peer is called ${name}: there are ${Object.keys(PEERS).join(', ')}`)
await peer()
process.exit()
