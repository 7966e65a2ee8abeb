import { Recent, SparseSet } from '../../core/index.ts'
import { classOf } from '../track/head.ts'
import { Asked, bySide, type CoapRule, MOST_KNOWN, MOST_TOLD } from './rule.ts'

export const blocksOutOfOrder: CoapRule = {
  id: 'coap/blocks-out-of-order',
  severity: 'warning',
  title: 'Blocks of a body are not sent one after the other',
  why: 'A body goes to a server block by block, each after the one before was taken (RFC 7959 §2.5). A server that gets a later one first answers 4.08 Request Entity Incomplete (§2.9.2), or puts the body together wrong.',
  fix: 'Wait for 2.31 Continue before the next block. Where blocks are to be sent in any order and many at once, use Q-Block1 (RFC 9177) with a server that knows it.',
  watch: (flow, report) => {
    const asked = Asked.of(flow)
    /** By what the blocks of a body have in common: where the next one begins, in bytes. */
    const bodies = bySide(() => new Recent<string, { next: number; num: number; number: number }>(MOST_KNOWN))
    let told = 0
    return {
      frame: (frame, packet, number) => {
        const { request } = asked.take(frame, packet, number)
        const block = request?.head.fields.block1
        if (request === undefined || block === undefined) return
        const { num, size, bert } = block
        const start = num * size
        const length = bert === true ? (frame.payload?.length ?? size) : size
        const body = bodies[packet.side].get(request.identity)
        if (body === undefined || num === 0) {
          bodies[packet.side].set(request.identity, { next: start + length, num, number })
          return
        }
        if (start > body.next && told++ < MOST_TOLD) {
          report(`block ${num} of ${request.address} comes after block ${body.num}`, [body.number, number])
        }
        if (start + length > body.next) [body.next, body.num, body.number] = [start + length, num, number]
      },
    }
  },
}

export const uploadIncomplete: CoapRule = {
  id: 'coap/upload-incomplete',
  severity: 'error',
  title: 'The server lacks blocks of a body',
  why: '4.08 Request Entity Incomplete: the server does not have all blocks before the last one (RFC 7959 §2.9.2). It forgot them (a timeout, a restart, another client’s body in their place) or did not get them. What was sent is lost.',
  fix: 'Send the body anew from block 0. Tell bodies that are sent at the same time apart with a Request-Tag (RFC 9175 §3), do not wait long between blocks, and give the server room for as many as there may be at once.',
  types: [],
  watch: (_, report) => {
    let told = 0
    return {
      ended: ({ address = '', outcome = '', request, reply }) => {
        if (!outcome.startsWith('4.08') || told++ >= MOST_TOLD) return
        report(`the body for ${address} is not whole: ${outcome}`, [request, reply])
      },
    }
  },
}

export const representationChanged: CoapRule = {
  id: 'coap/representation-changed',
  severity: 'note',
  title: 'A resource changed while it was fetched in blocks',
  why: 'The ETag of a later block is another: the blocks belong to different states of the resource (RFC 7959 §2.4). A client that does not look at the ETag puts together what never was.',
  fix: 'Have the client begin anew when the ETag changes, and the server keep the state that it began to send for a while. A resource that changes faster than it can be fetched wants a smaller representation, or larger blocks.',
  watch: (flow, report) => {
    const asked = Asked.of(flow)
    const etags = bySide(() => new Recent<string, { readonly etag: string; readonly number: number }>(MOST_KNOWN))
    const told = new SparseSet<string>()
    return {
      frame: (frame, packet, number) => {
        const { answered } = asked.take(frame, packet, number)
        if (answered === undefined || classOf(frame.code) !== 2) return
        const { block2, etag } = frame.options.fields
        const [tag] = etag ?? []
        if (block2 === undefined || tag === undefined) return
        const before = etags[packet.side].get(answered.identity)
        if (before === undefined || block2.num === 0 || before.etag !== tag) {
          etags[packet.side].set(answered.identity, { etag: tag, number })
        }
        if (before === undefined || block2.num === 0 || before.etag === tag) return
        if (told.has(answered.address) || told.size >= MOST_TOLD) return
        told.add(answered.address)
        const what = `block ${block2.num} of ${answered.address}`
        report(`${what} has ETag ${tag}, those before ${before.etag}`, [before.number, number])
      },
    }
  },
}
