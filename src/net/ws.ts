export type { WebSocket, WebSocketServer } from 'ws'

/** The package, once somebody speaks WebSocket. */
export const loadWs = (): Promise<typeof import('ws')> => import('ws')
