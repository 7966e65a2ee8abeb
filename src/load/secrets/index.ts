export { fetchToken, parseTokenUrl, type TokenGrant } from './oauth2.ts'
export { Secrets } from './secrets.ts'
export { type Reading, readSecret, type SecretSource } from './source.ts'
export { type SecretSpec, secretOf } from './spec.ts'
