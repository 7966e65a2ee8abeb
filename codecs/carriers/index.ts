export { firstHello } from './tls/index.ts'
export { withoutSecrets } from './websocket/index.ts'
