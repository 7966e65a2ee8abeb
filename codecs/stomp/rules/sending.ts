import { counted, type Exchange, SparseSet } from '../../core/index.ts'
import type { CommandFrame } from '../frames.ts'
import { isQueue, MOST_NAMES, SECOND, type StompRule } from './rule.ts'

export const noDestination: StompRule = {
  id: 'stomp/send-without-destination',
  severity: 'error',
  title: 'A message is sent nowhere',
  why: 'A SEND must have a destination [STOMP 1.2, SEND]. Brokers answer with an ERROR and close the connection; the message is lost.',
  fix: 'Set destination on every SEND. Look for an undefined variable, a misspelled header (Destination: names are case-sensitive), or a template that came out empty.',
  types: ['SEND'],
  watch: (_, report) => {
    let told = false
    return {
      frame: (frame, _packet, number) => {
        const { destination } = frame as CommandFrame
        if (told || (destination !== undefined && destination.trim() !== '')) return
        told = true
        report(destination === undefined ? 'a SEND has no destination' : 'a SEND has an empty destination', [number])
      },
    }
  },
}

const isPersistent = ({ headers }: CommandFrame): boolean => headers.get('persistent') === 'true'

export const sendWithoutReceipt: StompRule = {
  id: 'stomp/send-without-receipt',
  severity: 'note',
  title: 'Messages are sent without asking for receipts',
  why: 'A SEND has no answer unless it asks for one: nobody learns whether the broker stored it, and what is on its way when the connection breaks is lost. That a message is persistent says that it must not be.',
  fix: 'Give each SEND that matters a receipt header and wait for the RECEIPT, for many at once if need be (watchForReceipt in @stomp/stompjs, receipt listeners in stomp.py); or send several in a transaction and ask for a receipt for its COMMIT.',
  types: ['SEND', 'COMMIT', 'DISCONNECT'],
  watch: (_, report) => {
    let sent = 0
    let first = 0
    let persistent = 0
    /** A receipt tells that all before it was received, too [STOMP 1.2, RECEIPT]. */
    let asked = false
    return {
      frame: (frame, _packet, number) => {
        const command = frame as CommandFrame
        if (command.receipt !== undefined) asked = true
        if (asked || command.type !== 'SEND') return
        sent++
        if (first === 0) first = number
        if (persistent === 0 && isPersistent(command)) persistent = number
      },
      end: () => {
        if (asked || sent === 0) return
        const message = `${counted(sent, 'message')} sent, and no receipt asked for`
        if (persistent === 0) report(message, [first])
        else report(`${message}, though they are persistent`, [persistent], 'warning')
      },
    }
  },
}

/** What waited longer is told of by `unanswered`, whatever its protocol. */
const PATIENCE = 10 * SECOND
/** Those that no receipt answers. */
const OTHERS = new Set(['connect', 'transaction', 'deliver-ack'])

export const receiptMissing: StompRule = {
  id: 'stomp/receipt-missing',
  severity: 'warning',
  title: 'A receipt that was asked for did not come',
  why: 'Either the broker answered later frames and not this one, and a client that waits for it waits for ever; or the client hung up without waiting, and nobody knows whether the message was stored.',
  fix: 'Wait for all receipts before DISCONNECT, and ask for one with DISCONNECT itself: it tells that all before it was processed. If later ones came, see the broker’s log for the frame that is shown; use each receipt id once.',
  types: ['DISCONNECT'],
  watch: ({ joined }, report) => {
    /** The last frame that was answered by its receipt, or the one that said goodbye. */
    let reached = 0
    return {
      frame: (_frame, _packet, number) => {
        reached = Math.max(reached, number)
      },
      ended: ({ kind, reply, request }) => {
        if (reply !== 0 && !OTHERS.has(kind)) reached = Math.max(reached, request)
      },
      end: (time, open) => {
        if (joined === 'middle') return
        let count = 0
        let first: Exchange | undefined
        for (const exchange of open) {
          const { kind, started, request, missed } = exchange
          if (OTHERS.has(kind) || missed || request >= reached || time - started >= PATIENCE) continue
          count++
          if (first === undefined || request < first.request) first = exchange
        }
        if (first === undefined) return
        const { id, address } = first
        const what = `${counted(count, 'receipt')} did not come, the first for ${id}${address === undefined ? '' : ` of ${address}`}`
        report(what, [first.request, reached])
      },
    }
  },
}

export const transientSend: StompRule = {
  id: 'stomp/transient-send',
  severity: 'note',
  title: 'Messages to a queue are not persistent',
  why: 'RabbitMQ, ActiveMQ and Artemis all take a STOMP message for transient unless it says persistent:true, other than JMS, where persistent is the default: what waits in the queue is gone when the broker restarts.',
  fix: 'Send persistent:true with every message that must outlive a restart, and wait for its receipt. Where messages may go, nothing is wrong.',
  types: ['SEND'],
  watch: (_, report) => {
    const told = new SparseSet<string>()
    return {
      frame: (frame, _packet, number) => {
        const send = frame as CommandFrame
        const { destination } = send
        if (!isQueue(destination) || isPersistent(send)) return
        if (told.has(destination) || told.size >= MOST_NAMES || isReply(destination)) return
        told.add(destination)
        report(`a message to ${destination} is not persistent`, [number])
      },
    }
  },
}

/** Those of replies end with whoever waits for them. */
const isReply = (destination: string): boolean => /^\/(?:reply|temp)-queue\//.test(destination)

export const transactionOpen: StompRule = {
  id: 'stomp/transaction-open',
  severity: 'warning',
  title: 'A transaction was neither committed nor aborted',
  why: 'What is sent in it is not delivered, and what is acknowledged in it not acknowledged. When the connection ends the broker aborts it: all of that is lost, though each SEND went well.',
  fix: 'COMMIT or ABORT on every path of the code, errors too, and before DISCONNECT. Keep transactions short.',
  types: ['DISCONNECT'],
  watch: (_, report) => {
    let goodbye = 0
    return {
      frame: (_frame, _packet, number) => {
        goodbye = number
      },
      end: (time, open) => {
        for (const { kind, id, steps, started, request, missed } of open) {
          if (kind !== 'transaction' || missed || (goodbye === 0 && time - started < LONG)) continue
          const within = steps === undefined ? 'nothing in it' : `${counted(steps.length, 'frame')} in it`
          report(`transaction ${id} was still open at the end, with ${within}`, [
            request,
            ...(goodbye ? [goodbye] : []),
          ])
        }
      },
    }
  },
}

const LONG = 60 * SECOND
