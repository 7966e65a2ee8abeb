/**
 * Reading the records of a capture, beside pcap-parser, which reads microsecond pcap and no more: the same generated
 * file, in turn. Ours also walks link layer, IP and TCP, and puts the streams in order.
 *
 *     node bench/capture.ts [RECORDS]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pcapParser from 'pcap-parser'
import { readCapture } from '../src/capture/index.ts'
import type { FlowSink } from '../src/flow.ts'

const RECORDS = Number(process.argv[2] ?? 200_000)
const ROUNDS = 7
const BODY = 100

/** One connection on loopback that sends `BODY` bytes a packet. */
function capture(records: number): Buffer {
  const header = Buffer.alloc(24)
  header.writeUInt32LE(0xa1b2c3d4, 0)
  header.writeUInt16LE(2, 4)
  header.writeUInt16LE(4, 6)
  header.writeUInt32LE(65535, 16)
  header.writeUInt32LE(101, 20)
  const size = 20 + 20 + BODY
  const file = Buffer.alloc(24 + records * (16 + size), 0x61)
  header.copy(file)
  for (let at = 24, index = 0; index < records; index++) {
    file.writeUInt32LE(index >> 10, at)
    file.writeUInt32LE(index & 1023, at + 4)
    file.writeUInt32LE(size, at + 8)
    file.writeUInt32LE(size, at + 12)
    const ip = at + 16
    file.fill(0, ip, ip + 40)
    file.set([0x45, 0, size >> 8, size & 255, 0, 0, 0x40, 0, 64, 6, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1], ip)
    file.writeUInt16BE(40_000, ip + 20)
    file.writeUInt16BE(1883, ip + 22)
    file.writeUInt32BE((1 + index * BODY) >>> 0, ip + 24)
    file.set([0x50, 0x10], ip + 32)
    at += 16 + size
  }
  return file
}

const folder = mkdtempSync(join(tmpdir(), 'mqinspect-bench-'))
const path = join(folder, 'records.pcap')
writeFileSync(path, capture(RECORDS))

let bytes = 0
const flow: FlowSink = {
  data: (_side, chunk) => {
    bytes += chunk.length
  },
  gap: () => {},
  end: () => {},
  close: () => {},
}

async function ours(): Promise<number> {
  bytes = 0
  const began = performance.now()
  await readCapture({ path }, { start: () => {}, open: () => flow }, { ports: new Set([1883]) })
  if (bytes !== RECORDS * BODY) throw new Error(`${bytes} bytes where ${RECORDS * BODY} were sent`)
  return performance.now() - began
}

async function theirs(): Promise<number> {
  let records = 0
  const began = performance.now()
  await new Promise<void>((resolve, reject) => {
    const parser = pcapParser.parse(path)
    parser.on('packet', () => records++)
    parser.on('end', resolve)
    parser.on('error', reject)
  })
  if (records !== RECORDS) throw new Error(`${records} records where ${RECORDS} were written`)
  return performance.now() - began
}

const rate = (milliseconds: number): string => `${(RECORDS / milliseconds / 1000).toFixed(2)} M/s`
const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number

try {
  await ours()
  await theirs()
  const pairs: (readonly [number, number])[] = []
  for (let round = 0; round < ROUNDS; round++) pairs.push([await ours(), await theirs()])
  console.log(`${RECORDS} records of ${BODY} bytes`)
  console.log(`  mqinspect, streams in order        ${rate(middle(pairs.map(([a]) => a)))}`)
  console.log(`  pcap-parser, records alone         ${rate(middle(pairs.map(([, b]) => b)))}`)
  console.log(`  ratio ${middle(pairs.map(([a, b]) => b / a)).toFixed(1)}`)
} finally {
  rmSync(folder, { recursive: true })
}
