declare module 'pcap-parser' {
  import type { EventEmitter } from 'node:events'

  const pcapParser: { parse(path: string): EventEmitter }
  export default pcapParser
}
