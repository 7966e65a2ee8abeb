import { Parser } from '../../../node_modules/@stomp/stompjs/esm6/parser.js'
import { FrameImpl } from '@stomp/stompjs'
import { converse, FrameReader } from '../../../codecs/core/index.ts'
import { stomp } from '../../../codecs/stomp/index.ts'
import { createRequire } from 'node:module'
const { Stomp } = createRequire(import.meta.url)('stompjs/lib/stomp.js')
for (const [size, withLength] of [[100, true], [100, false], [10000, true], [10000, false]] as const) {
  const body = 'x'.repeat(size)
  const one = `MESSAGE\nsubscription:sub-0\nmessage-id:T_sub-0@@session-abc@@12\ndestination:/queue/orders\ncontent-type:text/plain\n${withLength ? `content-length:${size}\n` : ''}\n${body}\0`
  const count = Math.max(20, Math.floor(2_000_000 / one.length))
  const text = one.repeat(count), bytes = new Uint8Array(Buffer.from(text))
  const reader = new FrameReader()
  const opening = [['client', 'CONNECT\naccept-version:1.2\nhost:/\n\n\0'], ['server', 'CONNECTED\nversion:1.2\n\n\0']] as const
  const ours = (mode: 'cut' | 'lazy' | 'eager') => {
    const c = converse(stomp); let n = 0
    for (const [side, t] of opening) { c.push(side, new Uint8Array(Buffer.from(t)), 0); while (c.next()) ; }
    for (let at = 0; at < bytes.length; at += 65536) {
      c.push('server', bytes.subarray(at, at + 65536), 0)
      for (let p = c.next(); p; p = c.next()) {
        n++
        if (mode === 'cut') continue
        const { frame } = reader.read(stomp, p as never)
        if (mode === 'eager') n += (frame as any).headers.entries.length > 0 ? 0 : 1
      }
    }
    return n
  }
  const theirs = () => { let n = 0; const p = new Parser((raw: any) => { n++; FrameImpl.fromRawFrame(raw, true) }, () => {}); for (let at = 0; at < bytes.length; at += 65536) p.parseChunk(bytes.subarray(at, at + 65536) as any); return n }
  const old = () => Stomp.Frame.unmarshall(text).length
  const rate = (work: () => number, least = 700) => { work(); work(); let best = 0; const t0 = performance.now(); do { const t = process.cpuUsage(); const n = work(); const u = process.cpuUsage(t); best = Math.max(best, n / (u.user + u.system) * 1e6) } while (performance.now() - t0 < least); return best }
  const r = { cut: rate(() => ours('cut')), lazy: rate(() => ours('lazy')), eager: rate(() => ours('eager')), stompjs7: rate(theirs), stompjs2: rate(old) }
  console.log(size, withLength, Object.fromEntries(Object.entries(r).map(([k, v]) => [k, Math.round(v / 1000) + ' k/s'])), 'eager/7:', (r.eager / r.stompjs7).toFixed(1), 'lazy/7:', (r.lazy / r.stompjs7).toFixed(1), 'eager/2:', (r.eager/r.stompjs2).toFixed(1))
}
