export type { KeyPair } from './authority.ts'
export { Leaves } from './leaves.ts'
export { authorityFolder, loadAuthority, type StoredAuthority } from './store.ts'
