/**
 * mqinspect as a library: bytes of connections in, frames out.
 *
 *     import { codecs } from 'mqinspect/codecs'
 *     import { Inspector, readCapture } from 'mqinspect'
 *
 *     const inspector = new Inspector({ codecs, decodeAs: [] }, { packet: (flow, packet) => … })
 *     await readCapture({ path: 'capture.pcap' }, inspector)
 */
export { CaptureError, type CaptureOptions, type CaptureSummary, readCapture } from './capture/index.ts'
export type { DecodeAs, DetectOptions } from './detect.ts'
export { Failure } from './failure.ts'
export {
  type BySide,
  type Ending,
  type Endpoint,
  type Flow,
  type FlowInfo,
  type FlowSink,
  formatEndpoint,
  type Sink,
} from './flow.ts'
export { Inspector, type Observer } from './inspector.ts'
export { type Address, parseRoute, type Route } from './net/index.ts'
export { type ProxyEvent, type ProxyHandle, type ProxyOptions, startProxy } from './proxy/index.ts'
export { Recorder, type RecorderOptions, type RecordingSummary } from './recording/index.ts'
export { Session } from './session.ts'
