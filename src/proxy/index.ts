export { adviceOn, describeEvent, describeRoute, isNotice, type ProxyEvent, recurring } from './event.ts'
export { CONNECT_TIMEOUT, IDLE_TIMEOUT, type ProxyHandle, type ProxyOptions, startProxy } from './proxy.ts'
