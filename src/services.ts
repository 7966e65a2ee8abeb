import { constants, inflateRawSync } from 'node:zlib'
import type { CarrierCrypto, CarrierServices } from '../codecs/core/index.ts'

/** What one carried message may inflate to, in bytes: a bomb is not worth more. */
const MOST_INFLATED = 64 << 20

/** Secrets by label and client random, as an NSS key log has them. */
export interface Secrets {
  secret(label: string, clientRandom: string): Uint8Array | undefined
}

/** What carriers need of the world. */
export function services(secrets: Secrets): CarrierServices {
  return {
    // Every message ends in a sync flush, so each can be inflated by itself if it is given the window before it.
    inflate: (bytes, window) =>
      inflateRawSync(bytes, {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: MOST_INFLATED,
        ...(window.length > 0 ? { dictionary: window } : {}),
      }),
    secret: (label, clientRandom) => secrets.secret(label, clientRandom),
    crypto,
  }
}

/** Taken when something is to be decrypted: it takes longer to load than a short capture to show. */
const node = () => process.getBuiltinModule('node:crypto')

const crypto: CarrierCrypto = {
  hash: (name, bytes) => node().createHash(name).update(bytes).digest(),
  hmac: (name, key, bytes) => node().createHmac(name, key).update(bytes).digest(),
  openAead(name, key, nonce, bytes, additional, tagLength) {
    const cut = bytes.length - tagLength
    if (cut < 0) return undefined
    const decipher = node().createDecipheriv(name as 'aes-128-gcm', key, nonce, { authTagLength: tagLength })
    decipher.setAAD(additional, { plaintextLength: cut })
    decipher.setAuthTag(bytes.subarray(cut))
    const clear = decipher.update(bytes.subarray(0, cut))
    try {
      decipher.final()
    } catch {
      return undefined
    }
    return clear
  },
  decryptCbc: (name, key, iv, bytes) => node().createDecipheriv(name, key, iv).setAutoPadding(false).update(bytes),
}
