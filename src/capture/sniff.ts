import { u32At, validUtf8 } from '../../codecs/core/index.ts'
import { SECTION_HEADER } from '../pcapng.ts'
import { CaptureError } from './error.ts'
import type { FormatReader, Records } from './format.ts'
import { PcapReader, pcapFlavour } from './pcap.ts'
import { PcapngReader } from './pcapng.ts'

/** The reader for what a file's first four bytes say it is. */
export function readerFor(bytes: Uint8Array, at: number, records: Records): FormatReader | undefined {
  const flavour = pcapFlavour(bytes, at)
  if (flavour !== undefined) return new PcapReader(flavour, records)
  return u32At(bytes, at) === SECTION_HEADER ? new PcapngReader(records) : undefined
}

/** Why `name` cannot be read, from its first bytes. `outer` says what they were packed in. */
export function notACapture(name: string, head: Uint8Array, outer: string | undefined): CaptureError {
  const packed = outer === undefined ? '' : `, inside ${outer}`
  const wrong = (what: string, next: string): CaptureError =>
    new CaptureError(`${name} is not a capture: it is ${what}${packed}`, { offset: 0, next })
  for (const [what, next, ...magic] of LOOKS) {
    if (magic.every((byte, index) => head[index] === byte)) return wrong(what, next)
  }
  if (head.length < 4) return wrong(`only ${head.length} ${head.length === 1 ? 'byte' : 'bytes'} long`, NAME_ONE)
  // A character may be cut at the end of the head.
  const text = [0, 1, 2, 3].some(cut => validUtf8(head, 0, head.length - cut)) && !head.some(isControl)
  if (text) {
    const line = new TextDecoder().decode(head).split(/\r?\n/, 1)[0] as string
    return wrong(`text, beginning ${JSON.stringify(line.slice(0, 40))}`, NAME_ONE)
  }
  const bytes = Buffer.from(head.subarray(0, 8)).toString('hex')
  return wrong(`something else, beginning with the bytes ${bytes}`, NAME_ONE)
}

const NAME_ONE = 'Name a pcap or pcapng file, compressed with gzip or zstd or not at all.'
const UNPACK = 'Unpack it first.'
const CONVERT = 'Convert it to pcapng with editcap first.'

/** What else people hand over. */
const LOOKS: readonly (readonly [what: string, next: string, ...magic: number[]])[] = [
  ['a zip archive', UNPACK, 0x50, 0x4b, 3, 4],
  ['xz-compressed', 'Unpack it with xz -d first.', 0xfd, 0x37, 0x7a, 0x58, 0x5a],
  ['bzip2-compressed', 'Unpack it with bunzip2 first.', 0x42, 0x5a, 0x68],
  ['lz4-compressed', 'Unpack it with lz4 -d first.', 4, 0x22, 0x4d, 0x18],
  ['gzip-compressed', 'Unpack it once more.', 0x1f, 0x8b],
  ['zstd-compressed', 'Unpack it once more.', 0x28, 0xb5, 0x2f, 0xfd],
  ['a snoop capture', CONVERT, 0x73, 0x6e, 0x6f, 0x6f, 0x70, 0],
  ['a Network Monitor capture', CONVERT, 0x47, 0x4d, 0x42, 0x55],
  ['a Bluetooth snoop capture', CONVERT, 0x62, 0x74, 0x73, 0x6e, 0x6f, 0x6f, 0x70],
  ['a program', NAME_ONE, 0x7f, 0x45, 0x4c, 0x46],
]

/** Whether text does not hold this byte. */
const isControl = (byte: number): boolean => byte < 9 || (byte > 13 && byte < 32 && byte !== 27)
