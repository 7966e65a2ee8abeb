/** WebSocket's own framing and masking are a library's, which is loaded where a WebSocket is made or accepted. */
export { WebSocket, WebSocketServer } from 'ws'
