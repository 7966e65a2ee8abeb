import { usage } from '../../failure.ts'
import { pair } from '../options.ts'
import { parseTokenUrl } from './oauth2.ts'
import type { SecretSource } from './source.ts'

/** What is said of where a password comes from, by flags or in a scenario. */
export interface SecretSpec {
  readonly 'password-file'?: string | undefined
  readonly 'oauth2-token-file'?: string | undefined
  readonly 'oauth2-token-url'?: string | undefined
  readonly 'oauth2-client-id'?: string | undefined
  readonly 'oauth2-client-secret'?: string | undefined
  readonly 'oauth2-scope'?: string | undefined
  readonly 'oauth2-parameter'?: readonly string[] | undefined
}

/** What the grant itself says, and other credentials, which do not belong among what may be saved. */
const NO_PARAMETERS = /^(grant_type|scope|client_id|client_secret|client_assertion|assertion|password|refresh_token)$/

/** Throws where what is said makes no source. */
export function secretOf(spec: SecretSpec): SecretSource | undefined {
  const { 'password-file': file, 'oauth2-token-file': tokenFile, 'oauth2-token-url': url } = spec
  if (file !== undefined) return { from: 'file', path: file, token: false }
  if (tokenFile !== undefined) return { from: 'file', path: tokenFile, token: true }
  if (url === undefined) return undefined
  parseTokenUrl(url)
  const { 'oauth2-client-id': clientId, 'oauth2-parameter': parameters = [] } = spec
  if (clientId === undefined) throw usage('--oauth2-token-url: who asks for the token?', 'Say --oauth2-client-id.')
  const pairs = parameters.map(each => pair(each, '--oauth2-parameter'))
  const [strange] = pairs.find(([name]) => NO_PARAMETERS.test(name)) ?? []
  if (strange !== undefined) {
    const next = 'Say --oauth2-client-id, --oauth2-client-secret, --oauth2-scope; the grant is client_credentials.'
    throw usage(`--oauth2-parameter ${strange}: it has no place there`, next)
  }
  const { 'oauth2-client-secret': clientSecret, 'oauth2-scope': scope } = spec
  return {
    from: 'server',
    token: true,
    grant: { url, clientId, clientSecret, scope, parameters: Object.fromEntries(pairs) },
  }
}
