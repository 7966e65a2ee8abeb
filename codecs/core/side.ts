/** Who sent the bytes: the end that opened the connection, or the end that accepted it. */
export type Side = 'client' | 'server'

export const other = (side: Side): Side => (side === 'client' ? 'server' : 'client')
