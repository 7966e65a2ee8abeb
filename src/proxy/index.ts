export { describeEvent, type ProxyEvent } from './event.ts'
export { CONNECT_TIMEOUT, type ProxyHandle, type ProxyOptions, startProxy } from './proxy.ts'
