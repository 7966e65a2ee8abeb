export type { KeyPair } from './authority.ts'
export { Leaves } from './leaves.ts'
export { type Offer, parseAlpn, parseCiphers, parseTlsVersion, USUAL_OFFER, versionsOf } from './offer.ts'
export {
  loadIdentity,
  loadTrust,
  type TlsRequest,
  UPSTREAM_TLS,
  type UpstreamTlsRequest,
  upstreamTls,
} from './settings.ts'
export { loadAuthority } from './store.ts'
export { trustAdvice } from './trust.ts'
