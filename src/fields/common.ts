import type { Endpoint, Flow } from '../flow.ts'
import type { Field, Test } from './field.ts'
import type { FrameRow } from './frames.ts'

/** Wireshark's names for what every connection has, whatever its protocol. */

const source = ({ flow, from }: FrameRow): Endpoint => flow[from]
const destination = ({ flow, from }: FrameRow): Endpoint => flow[from === 'client' ? 'server' : 'client']
const isV6 = ({ host }: Endpoint): boolean => host.includes(':')
const isV4 = ({ host }: Endpoint): boolean => /^[\d.]+$/.test(host)

type Get = (row: FrameRow) => unknown
const field = (kind: Field<FrameRow>['kind'], get: Get): Field<FrameRow> => ({ kind, cost: 0, get })

function addresses(name: string, is: (endpoint: Endpoint) => boolean): Record<string, Field<FrameRow>> {
  const host = (endpoint: Endpoint): string | undefined => (is(endpoint) ? endpoint.host : undefined)
  const both: Get = ({ flow }) => [flow.client, flow.server].filter(is).map(endpoint => endpoint.host)
  return {
    [`${name}.addr`]: field('address', both),
    [`${name}.host`]: field('address', both),
    [`${name}.src`]: field('address', row => host(source(row))),
    [`${name}.dst`]: field('address', row => host(destination(row))),
  }
}

function ports(name: string, transport: Flow['transport']): Record<string, Field<FrameRow>> {
  const of =
    (get: Get): Get =>
    row =>
      row.flow.transport === transport ? get(row) : undefined
  return {
    [`${name}.port`]: field(
      'uint',
      of(({ flow }) => [flow.client.port, flow.server.port]),
    ),
    [`${name}.srcport`]: field(
      'uint',
      of(row => source(row).port),
    ),
    [`${name}.dstport`]: field(
      'uint',
      of(row => destination(row).port),
    ),
    // Wireshark counts from 0.
    [`${name}.stream`]: field(
      'uint',
      of(row => row.flow.id - 1),
    ),
  }
}

const NANO = 1e-9

/** `2026-11-23T06:46:00.123456789Z` in seconds since 1970. */
function epoch(iso: string): number {
  const dot = iso.indexOf('.')
  return Date.parse(`${iso.slice(0, dot)}Z`) / 1000 + Number(`0${iso.slice(dot, -1)}`)
}

const ALIASES: Readonly<Record<string, Field<FrameRow>>> = {
  'frame.number': field('uint', ({ packet: { record } }) => (record === 0 ? undefined : record)),
  'frame.len': field('uint', row => row.packet.length),
  'frame.time': field('time', row => row.time),
  'frame.time_epoch': { ...field('float', row => epoch(row.time)), unit: 's' },
  'frame.time_relative': { ...field('float', row => row.packet.time * NANO), unit: 's' },
  '_ws.col.info': { ...field('text', row => row.title), cost: 2 },
  '_ws.expert.message': { ...field('list', row => row.diagnostics.map(({ message }) => message)), cost: 2 },
  '_ws.expert.severity': { ...field('list', row => row.diagnostics.map(({ severity }) => severity)), cost: 2 },
  ...addresses('ip', isV4),
  ...addresses('ipv6', isV6),
  ...ports('tcp', 'stream'),
  ...ports('udp', 'datagram'),
}

const test = (matches: (row: FrameRow) => boolean): Test<FrameRow> => ({ cost: 0, matches })

const TESTS: Readonly<Record<string, Test<FrameRow>>> = {
  tcp: test(({ flow }) => flow.transport === 'stream'),
  udp: test(({ flow }) => flow.transport === 'datagram'),
  ip: test(({ flow }) => isV4(flow.client)),
  ipv6: test(({ flow }) => isV6(flow.client)),
  '_ws.malformed': test(row => row.type === 'malformed'),
}

export const commonAliases: ReadonlyMap<string, Field<FrameRow>> = new Map(Object.entries(ALIASES))
export const commonTests: ReadonlyMap<string, Test<FrameRow>> = new Map(Object.entries(TESTS))
