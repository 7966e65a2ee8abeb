export { adviceOn, describeEvent, describeRoute, type ProxyEvent, recurring } from './event.ts'
export { CONNECT_TIMEOUT, IDLE_TIMEOUT, type ProxyHandle, type ProxyOptions, startProxy } from './proxy.ts'
