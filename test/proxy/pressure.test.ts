import type net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { proxyTo, upstream } from './world.ts'

const MB = 1 << 20
const TOTAL = 200 * MB
const CHUNK = Buffer.alloc(MB, 'x')
/** What two sockets' buffers in the kernel, and the program's own, may hold between a sender and a stuck reader. */
const BUFFERED = 32 * MB

const quiet = { start: () => {}, open: () => ({ data: () => {}, gap: () => {}, end: () => {}, close: () => {} }) }

/** Sends TOTAL bytes, as fast as they are taken. */
async function pour(socket: net.Socket): Promise<void> {
  for (let sent = 0; sent < TOTAL; sent += CHUNK.length) {
    if (!socket.write(CHUNK)) await new Promise(resolve => socket.once('drain', resolve))
  }
  socket.end()
}

/** Bytes that left this socket. */
const gone = (socket: net.Socket): number => socket.bytesWritten - socket.writableLength

/** Waits until nothing moves any more. */
async function stuck(socket: net.Socket): Promise<number> {
  for (let before = -1; ; ) {
    const now = gone(socket)
    if (now === before) return now
    before = now
    await sleep(250)
  }
}

async function drained(socket: net.Socket): Promise<number> {
  let count = 0
  for await (const chunk of socket) count += (chunk as Buffer).length
  return count
}

/** Lets `sender` send to a `reader` that does not read; then reads. */
async function check(sender: net.Socket, reader: net.Socket): Promise<void> {
  const before = process.memoryUsage().rss
  const poured = pour(sender)
  expect(await stuck(sender)).toBeLessThan(BUFFERED)
  const held = process.memoryUsage().rss - before
  expect(held).toBeLessThan(50 * MB)
  expect(await drained(reader)).toBe(TOTAL)
  await poured
}

test('an upstream that does not read stops the client, and nothing piles up', async () => {
  const reader = Promise.withResolvers<net.Socket>()
  const { dial } = await proxyTo(await upstream(socket => reader.resolve(socket.pause())), { sink: quiet })
  const sender = dial()
  await check(sender, await reader.promise)
})

test('a client that does not read stops the upstream, and nothing piles up', async () => {
  const sender = Promise.withResolvers<net.Socket>()
  const { dial } = await proxyTo(await upstream(socket => sender.resolve(socket)), { sink: quiet })
  const reader = dial().pause()
  await check(await sender.promise, reader)
})

test('one direction that is stuck does not stop the other', async () => {
  const server = Promise.withResolvers<net.Socket>()
  const { dial } = await proxyTo(await upstream(socket => server.resolve(socket.pause())), { sink: quiet })
  const client = dial()
  const poured = pour(client)
  const peer = await server.promise
  await stuck(client)
  peer.write('still here')
  expect(await new Promise(resolve => client.once('data', chunk => resolve(chunk.toString())))).toBe('still here')
  expect(await drained(peer)).toBe(TOTAL)
  await poured
})
