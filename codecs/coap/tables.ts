/** Codes as the specification writes them, class and detail: `2.05` is 0x45 on the wire [RFC 7252 §3]. */
export const codeTexts: readonly string[] = Array.from(
  { length: 256 },
  (_, code) => `${code >> 5}.${String(code & 31).padStart(2, '0')}`,
)

const codeBytes: ReadonlyMap<string, number> = new Map(codeTexts.map((text, code) => [text, code]))

export const codeByte = (text: string): number => codeBytes.get(text) ?? 0

/** IANA, "CoAP Codes". */
const CODES = {
  '0.00': 'Empty',
  '0.01': 'GET',
  '0.02': 'POST',
  '0.03': 'PUT',
  '0.04': 'DELETE',
  '0.05': 'FETCH',
  '0.06': 'PATCH',
  '0.07': 'iPATCH',
  '2.01': 'Created',
  '2.02': 'Deleted',
  '2.03': 'Valid',
  '2.04': 'Changed',
  '2.05': 'Content',
  '2.31': 'Continue',
  '4.00': 'Bad Request',
  '4.01': 'Unauthorized',
  '4.02': 'Bad Option',
  '4.03': 'Forbidden',
  '4.04': 'Not Found',
  '4.05': 'Method Not Allowed',
  '4.06': 'Not Acceptable',
  '4.08': 'Request Entity Incomplete',
  '4.09': 'Conflict',
  '4.12': 'Precondition Failed',
  '4.13': 'Request Entity Too Large',
  '4.15': 'Unsupported Content-Format',
  '4.22': 'Unprocessable Entity',
  '4.29': 'Too Many Requests',
  '5.00': 'Internal Server Error',
  '5.01': 'Not Implemented',
  '5.02': 'Bad Gateway',
  '5.03': 'Service Unavailable',
  '5.04': 'Gateway Timeout',
  '5.05': 'Proxying Not Supported',
  '5.08': 'Hop Limit Reached',
  '7.01': 'CSM',
  '7.02': 'Ping',
  '7.03': 'Pong',
  '7.04': 'Release',
  '7.05': 'Abort',
} as const

export type CodeName = (typeof CODES)[keyof typeof CODES]

const codeNames: ReadonlyMap<string, CodeName> = new Map(Object.entries(CODES))

export const codeName = (code: string): CodeName | undefined => codeNames.get(code)

export const EMPTY = 0x00
export const CSM = 0xe1

/** The class that begins a code. */
export const [REQUEST, SUCCESS, SIGNAL] = [0, 2, 7]

/** What a datagram's two type bits say [RFC 7252 §3]. */
export const MESSAGE_TYPES = ['CON', 'NON', 'ACK', 'RST'] as const
export type MessageType = (typeof MESSAGE_TYPES)[number]

export const MESSAGE_TYPE_NAMES = ['Confirmable', 'Non-confirmable', 'Acknowledgement', 'Reset'] as const

/** Signalling messages, by their code's detail from 7.01 on [RFC 8323 §5.1]. */
export const SIGNAL_TYPES = ['csm', 'ping', 'pong', 'release', 'abort'] as const
export type SignalType = (typeof SIGNAL_TYPES)[number]

/** What follows the first byte of options: end of options, start of payload [RFC 7252 §3]. */
export const PAYLOAD_MARKER = 0xff
