import { u32At } from '../../codecs/core/index.ts'
import { formatIPv4, formatIPv6 } from '../capture/index.ts'
import type { BySide, Endpoint, FlowInfo } from '../flow.ts'
import type { FlowEndMeta, FlowMeta } from '../metadata.ts'
import { DatagramScript } from './datagram-script.ts'
import { describe, endsOf } from './ends.ts'
import type { End, Ends } from './headers.ts'
import { metadataBlock } from './pcapng.ts'
import type { Recording } from './recording.ts'
import { Script, type ScriptOptions } from './script.ts'
import type { Known, Numbering, Scribe, Target } from './target.ts'
import { Track } from './track.ts'

export interface PcapngTargetOptions {
  readonly numbering: Numbering
  /** Say what frames told of a flow: client identifiers, users, software. */
  readonly facts: boolean
  readonly lost: (length: number) => void
}

/** Writes flows as packets of a pcapng. */
export class PcapngTarget implements Target {
  readonly #recording: Recording
  readonly #options: PcapngTargetOptions
  #origin = 0n

  constructor(recording: Recording, options: PcapngTargetOptions) {
    this.#recording = recording
    this.#options = options
  }

  get origin(): bigint {
    return this.#origin
  }

  start(origin: bigint): void {
    this.#origin = origin
  }

  open(info: FlowInfo, known: Known): Scribe {
    const { id, started, transport, joined } = info
    const ends = endsOf(info, known.codec)
    let dropped = 0
    const lost = (length: number): void => {
      dropped += length
      this.#options.lost(length)
    }
    const track = new Track({
      recording: this.#recording,
      numbering: this.#options.numbering,
      origin: this.#origin,
      flow: id,
      introduction: before => this.#introduction(info, ends, known, before),
      description: describe(info, known.codec),
    })
    const closed = (end: Known): void => {
      const facts = this.#options.facts ? end.flow?.facts : undefined
      this.#recording.custom(metadataBlock(endOf(id, end, facts, dropped, track.comments)), id)
    }
    const options: ScriptOptions = { track, ends, id, lost, closed }
    if (transport === 'datagram') return new DatagramScript(options)
    const script = new Script(options)
    if (joined === 'start') script.handshake(started)
    return script
  }

  secrets(type: number, bytes: Uint8Array): void {
    this.#recording.secrets(type, bytes)
  }

  /** What stands before a flow's first packet in each file. `before`: bytes in those before it. */
  #introduction(info: FlowInfo, ends: Ends, known: Known, before: BySide<number> | undefined): FlowMeta {
    const { id, transport, client, server, started, joined, route, unwrapped } = info
    const protocols = protocolsOf(known) ?? info.protocols
    return {
      kind: 'flow',
      flow: id,
      transport,
      client,
      server,
      recorded: { client: endpoint(ends.client), server: endpoint(ends.server) },
      started: String(this.#origin + BigInt(started)),
      joined: before === undefined ? joined : 'middle',
      ...(protocols === undefined ? {} : { protocols }),
      ...(route === undefined ? {} : { route }),
      ...(unwrapped === undefined || unwrapped.length === 0 ? {} : { unwrapped }),
      ...(known.flow === undefined || before === undefined || !this.#options.facts ? {} : { facts: known.flow.facts }),
      ...(before === undefined ? {} : { before }),
    }
  }
}

/** As whoever reads the packets calls it. */
function endpoint({ address, port }: End): Endpoint {
  const [first = 0, ...rest] = Array.from({ length: address.length / 4 }, (_, at) => u32At(address, at * 4))
  const [second = 0, third = 0, fourth = 0] = rest
  return { host: rest.length === 0 ? formatIPv4(first) : formatIPv6(first, second, third, fourth), port }
}

/** From the outside in, of what is in the bytes. */
export function protocolsOf({ flow, codec }: Known): readonly string[] | undefined {
  const carriers = flow?.carriers.slice(flow.unwrapped?.length ?? 0) ?? []
  const outer = carriers.map(({ name }) => (name.split(' ')[0] ?? name).toLowerCase())
  const all = codec === undefined ? outer : [...outer, codec.id]
  return all.length === 0 ? undefined : all
}

function endOf(
  id: number,
  known: Known,
  facts: FlowEndMeta['facts'],
  dropped: number,
  comments: readonly string[],
): FlowEndMeta {
  const { flow } = known
  const protocols = protocolsOf(known)
  return {
    kind: 'flow-end',
    flow: id,
    ...(protocols === undefined ? {} : { protocols }),
    ...(facts === undefined ? {} : { facts }),
    frames: { ...(flow?.frames ?? { client: 0, server: 0 }) },
    bytes: { ...(flow?.bytes ?? { client: 0, server: 0 }) },
    ...(dropped === 0 ? {} : { dropped }),
    ...(comments.length === 0 ? {} : { comments }),
  }
}
