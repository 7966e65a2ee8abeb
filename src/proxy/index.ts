export { adviceOn, describeEvent, type ProxyEvent } from './event.ts'
export { CONNECT_TIMEOUT, IDLE_TIMEOUT, type ProxyHandle, type ProxyOptions, startProxy } from './proxy.ts'
