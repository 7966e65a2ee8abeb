import { counted } from '../../core/index.ts'
import type { Amqp10Rule } from './rule.ts'

/** So many links, one after the other, that carried no more than a message each are how the application works. */
const MANY = 20

export const linkPerMessage: Amqp10Rule = {
  id: 'amqp10/link-per-message',
  severity: 'warning',
  title: 'A link is attached for every message',
  why: 'Attach, flow, transfer, disposition, detach: a round trip or two each, and a process, a queue lookup and metrics at the broker, for one message. Throughput is bound by latency, and the broker by the churn.',
  fix: 'Keep the sender or receiver open and use it for all messages to an address; to send to many addresses open one sender to the anonymous terminus (no target address) and put the address in each message’s to.',
  types: ['attach', 'detach', 'transfer'],
  watch: ({ joined }, report) => {
    let attached = 0
    /** At once. A client that shuts down detaches all that it had open: that is no churn. */
    let most = 1
    let detached = 0
    let deliveries = 0
    let told = joined === 'middle'
    const frames: number[] = []
    return {
      frame: (frame, { side }, number) => {
        if (frame.type === 'transfer') {
          if (frame.more !== true) deliveries++
        } else if (frame.type === 'attach' && side === 'client') {
          most = Math.max(most, ++attached - detached)
          if (frames.length < 3) frames.push(number)
        } else if (frame.type === 'detach' && side === 'client') detached++
        if (told || detached < MANY * most || deliveries === 0 || deliveries > attached) return
        told = true
        report(`${counted(attached, 'link')} were attached for ${counted(deliveries, 'message')}`, frames)
      },
    }
  },
}
