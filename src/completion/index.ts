export { offer, offerLines } from './offer.ts'
export { SHELLS, type Shell, scripts } from './scripts.ts'
