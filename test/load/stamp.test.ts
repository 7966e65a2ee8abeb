import { describe, expect, it } from 'vitest'
import { placeOf, STAMP_LENGTH, STAMP_PLACE, Stamper, StampReader } from '../../src/load/stamp.ts'

const RUN = 0xdead_beef
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

function stamped(body: Uint8Array, before = 0): Uint8Array {
  const bytes = new Uint8Array(before + body.length)
  bytes.set(body, before)
  const place = placeOf(body)
  if (place === undefined) throw new Error('no room for a stamp')
  new Stamper(RUN).write(bytes, new DataView(bytes.buffer), before, place, 7, 41, 1234.5678, 1234.9)
  return bytes
}

describe('the stamp of a message', () => {
  it('stands at the front of its body', () => {
    const bytes = stamped(new Uint8Array(100).fill(9), 13)
    const reader = new StampReader(RUN, true)
    expect(reader.read(bytes, 13, bytes.length)).toBe(true)
    expect([reader.stream, reader.sequence, reader.due, reader.sent]).toEqual([7, 41, 1234.5678, 1234.9])
    expect(bytes.subarray(0, 13)).toEqual(new Uint8Array(13))
    expect(bytes.subarray(13 + STAMP_LENGTH)).toEqual(new Uint8Array(100 - STAMP_LENGTH).fill(9))
  })

  it('stands in hexadecimal where a text has a place for it, and leaves the text what it is', () => {
    const bytes = stamped(text(`{"id":"${STAMP_PLACE}","n":1}`), 5)
    const reader = new StampReader(RUN, true)
    expect(reader.read(bytes, 5, bytes.length)).toBe(true)
    expect([reader.stream, reader.sequence, reader.due, reader.sent]).toEqual([7, 41, 1234.5678, 1234.9])
    const { id, n } = JSON.parse(new TextDecoder().decode(bytes.subarray(5)))
    expect([n, id]).toEqual([1, expect.stringMatching(/^6d716931deadbeef[0-9a-f]{48}$/)])
  })

  it('is not looked for in text where nobody puts it there', () => {
    const bytes = stamped(text(STAMP_PLACE))
    const found = [true, false].map(inText => new StampReader(RUN, inText).read(bytes, 0, bytes.length))
    expect(found).toEqual([true, false])
  })

  it('is not that of another run', () => {
    const bytes = stamped(new Uint8Array(STAMP_LENGTH))
    expect(new StampReader(RUN + 1, true).read(bytes, 0, bytes.length)).toBe(false)
  })

  it.each([
    ['an empty body', new Uint8Array(0)],
    ['a body that is too short', new Uint8Array(STAMP_LENGTH - 1)],
    ['a body that begins as a stamp', text('mqi1 and then something else altogether')],
    ['a text with the front of a stamp', text('the number 6d716931 is ours')],
  ])('is not found in %s', (_, body) => {
    expect(new StampReader(RUN, true).read(body, 0, body.length)).toBe(false)
  })

  it('has no room in a body that is shorter', () => {
    expect(placeOf(new Uint8Array(STAMP_LENGTH - 1))).toBeUndefined()
  })
})
