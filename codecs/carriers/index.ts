export { firstHello } from './tls/index.ts'
