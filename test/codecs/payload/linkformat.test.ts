import { expect, test } from 'vitest'
import { parseLinkFormat } from '../../../codecs/payload/index.ts'

const parsed = (text: string): unknown => parseLinkFormat(new TextEncoder().encode(text))

// RFC 6690 §5.
test('links with attributes', () => {
  expect(
    parsed(
      '</sensors>;ct=40;title="Sensor Index",\n</sensors/temp>;rt="temperature-c";if="sensor",' +
        '<http://www.example.com/sensors/t123>;anchor="/sensors/temp";rel="describedby",</t>;obs;sz=1500',
    ),
  ).toEqual([
    { target: '/sensors', attributes: { ct: '40', title: 'Sensor Index' } },
    { target: '/sensors/temp', attributes: { rt: 'temperature-c', if: 'sensor' } },
    {
      target: 'http://www.example.com/sensors/t123',
      attributes: { anchor: '/sensors/temp', rel: 'describedby' },
    },
    { target: '/t', attributes: { obs: true, sz: '1500' } },
  ])
})

test('quoted text holds commas, semicolons, angle brackets and escaped quotes', () => {
  expect(parsed(String.raw`</a>;title="x,</b>;\"y\" \\"`)).toEqual([
    { target: '/a', attributes: { title: String.raw`x,</b>;"y" \ `.trimEnd() } },
  ])
})

test('an attribute that stands several times is a list', () => {
  expect(parsed('</a>;rel=x;rel="y z";rel')).toEqual([{ target: '/a', attributes: { rel: ['x', 'y z', true] } }])
})

test('an empty list, an empty target, an empty value', () => {
  expect(parsed('')).toEqual([])
  expect(parsed('<>;a=;b=""')).toEqual([{ target: '', attributes: { a: '', b: '' } }])
})

test.each(['/a', '</a', '</a>,', '</a></b>', '</a>;', '</a>;x="y', '</a> x', '</a>;=x'])('%s is no list', text => {
  expect(parsed(text)).toBeUndefined()
})

test('what is not UTF-8 is no list', () => {
  expect(parseLinkFormat(Uint8Array.of(0x3c, 0xff, 0x3e))).toBeUndefined()
})
