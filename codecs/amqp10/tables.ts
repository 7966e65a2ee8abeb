/**
 * Everything in AMQP 1.0 that is data: the composite types with their fields in the order of the wire, as the
 * specification's own definitions give them. Reading, writing, shapes and labels all follow from it.
 */

/**
 * A composite type: the numeric descriptor (its domain is 0), where the specification defines it, and its fields.
 *
 * A field's type is a primitive type, a restricted type, a composite type, or `*` for any. After it may stand `[]` if
 * it is `multiple`, `!` if it is mandatory, `=` and its default.
 */
export interface Definition<Names extends string = string> {
  readonly code: number
  readonly section: string
  readonly fields: Readonly<Record<Names, string>>
}

/** Frame bodies of AMQP frames [2.7]. */
export const performatives = {
  open: {
    code: 0x10,
    section: '2.7.1',
    fields: {
      containerId: 'string!',
      hostname: 'string',
      maxFrameSize: 'uint=4294967295',
      channelMax: 'ushort=65535',
      idleTimeOut: 'milliseconds',
      outgoingLocales: 'ietf-language-tag[]',
      incomingLocales: 'ietf-language-tag[]',
      offeredCapabilities: 'symbol[]',
      desiredCapabilities: 'symbol[]',
      properties: 'fields',
    },
  },
  begin: {
    code: 0x11,
    section: '2.7.2',
    fields: {
      remoteChannel: 'ushort',
      nextOutgoingId: 'transfer-number!',
      incomingWindow: 'uint!',
      outgoingWindow: 'uint!',
      handleMax: 'handle=4294967295',
      offeredCapabilities: 'symbol[]',
      desiredCapabilities: 'symbol[]',
      properties: 'fields',
    },
  },
  attach: {
    code: 0x12,
    section: '2.7.3',
    fields: {
      name: 'string!',
      handle: 'handle!',
      role: 'role!',
      sndSettleMode: 'sender-settle-mode=mixed',
      rcvSettleMode: 'receiver-settle-mode=first',
      source: 'source',
      target: 'target',
      unsettled: 'map',
      incompleteUnsettled: 'boolean=false',
      initialDeliveryCount: 'sequence-no',
      maxMessageSize: 'ulong',
      offeredCapabilities: 'symbol[]',
      desiredCapabilities: 'symbol[]',
      properties: 'fields',
    },
  },
  flow: {
    code: 0x13,
    section: '2.7.4',
    fields: {
      nextIncomingId: 'transfer-number',
      incomingWindow: 'uint!',
      nextOutgoingId: 'transfer-number!',
      outgoingWindow: 'uint!',
      handle: 'handle',
      deliveryCount: 'sequence-no',
      linkCredit: 'uint',
      available: 'uint',
      drain: 'boolean=false',
      echo: 'boolean=false',
      properties: 'fields',
    },
  },
  transfer: {
    code: 0x14,
    section: '2.7.5',
    fields: {
      handle: 'handle!',
      deliveryId: 'delivery-number',
      deliveryTag: 'delivery-tag',
      messageFormat: 'message-format',
      settled: 'boolean',
      more: 'boolean=false',
      rcvSettleMode: 'receiver-settle-mode',
      state: '*',
      resume: 'boolean=false',
      aborted: 'boolean=false',
      batchable: 'boolean=false',
    },
  },
  disposition: {
    code: 0x15,
    section: '2.7.6',
    fields: {
      role: 'role!',
      first: 'delivery-number!',
      last: 'delivery-number',
      settled: 'boolean=false',
      state: '*',
      batchable: 'boolean=false',
    },
  },
  detach: {
    code: 0x16,
    section: '2.7.7',
    fields: { handle: 'handle!', closed: 'boolean=false', error: 'error' },
  },
  end: { code: 0x17, section: '2.7.8', fields: { error: 'error' } },
  close: { code: 0x18, section: '2.7.9', fields: { error: 'error' } },
} as const satisfies Record<string, Definition>

/** Frame bodies of SASL frames [5.3.3]. SCRAM's server signs in the outcome: who has that can try passwords. */
export const saslBodies = {
  'sasl-mechanisms': { code: 0x40, section: '5.3.3.1', fields: { saslServerMechanisms: 'symbol[]!' } },
  'sasl-init': {
    code: 0x41,
    section: '5.3.3.2',
    fields: { mechanism: 'symbol!', initialResponse: 'secret', hostname: 'string' },
  },
  'sasl-challenge': { code: 0x42, section: '5.3.3.3', fields: { challenge: 'binary!' } },
  'sasl-response': { code: 0x43, section: '5.3.3.4', fields: { response: 'secret!' } },
  'sasl-outcome': { code: 0x44, section: '5.3.3.5', fields: { code: 'sasl-code!', additionalData: 'secret' } },
} as const satisfies Record<string, Definition>

const terminus = {
  address: 'address',
  durable: 'terminus-durability=none',
  expiryPolicy: 'symbol=session-end',
  timeout: 'seconds=0',
  dynamic: 'boolean=false',
  dynamicNodeProperties: 'fields',
} as const

/** What fields of frames, and bodies of messages to a transaction coordinator, hold [2.8.14], [3.4], [3.5], [4.5]. */
export const composites = {
  error: {
    code: 0x1d,
    section: '2.8.14',
    fields: { condition: 'symbol!', description: 'string', info: 'fields' },
  },
  received: { code: 0x23, section: '3.4.1', fields: { sectionNumber: 'uint!', sectionOffset: 'ulong!' } },
  accepted: { code: 0x24, section: '3.4.2', fields: {} },
  rejected: { code: 0x25, section: '3.4.3', fields: { error: 'error' } },
  released: { code: 0x26, section: '3.4.4', fields: {} },
  modified: {
    code: 0x27,
    section: '3.4.5',
    fields: { deliveryFailed: 'boolean', undeliverableHere: 'boolean', messageAnnotations: 'fields' },
  },
  source: {
    code: 0x28,
    section: '3.5.3',
    fields: {
      ...terminus,
      distributionMode: 'symbol',
      filter: 'map',
      defaultOutcome: '*',
      outcomes: 'symbol[]',
      capabilities: 'symbol[]',
    },
  },
  target: { code: 0x29, section: '3.5.4', fields: { ...terminus, capabilities: 'symbol[]' } },
  coordinator: { code: 0x30, section: '4.5.1', fields: { capabilities: 'symbol[]' } },
  declare: { code: 0x31, section: '4.5.2', fields: { globalId: '*' } },
  discharge: { code: 0x32, section: '4.5.3', fields: { txnId: 'binary!', fail: 'boolean' } },
  declared: { code: 0x33, section: '4.5.5', fields: { txnId: 'binary!' } },
  'transactional-state': { code: 0x34, section: '4.5.6', fields: { txnId: 'binary!', outcome: '*' } },
} as const satisfies Record<string, Definition>

/** The sections of a message that are lists [3.2]. */
export const listSections = {
  header: {
    code: 0x70,
    section: '3.2.1',
    fields: {
      durable: 'boolean=false',
      priority: 'ubyte=4',
      ttl: 'milliseconds',
      firstAcquirer: 'boolean=false',
      deliveryCount: 'uint=0',
    },
  },
  properties: {
    code: 0x73,
    section: '3.2.4',
    fields: {
      messageId: '*',
      userId: 'binary',
      to: 'address',
      subject: 'string',
      replyTo: 'address',
      correlationId: '*',
      contentType: 'symbol',
      contentEncoding: 'symbol',
      absoluteExpiryTime: 'timestamp',
      creationTime: 'timestamp',
      groupId: 'string',
      groupSequence: 'sequence-no',
      replyToGroupId: 'string',
    },
  },
} as const satisfies Record<string, Definition>

/** The sections of a message [3.2], in the order in which they stand. */
export const sections: Readonly<Record<number, { readonly name: string; readonly section: string }>> = {
  112: { name: 'header', section: '3.2.1' },
  113: { name: 'deliveryAnnotations', section: '3.2.2' },
  114: { name: 'messageAnnotations', section: '3.2.3' },
  115: { name: 'properties', section: '3.2.4' },
  116: { name: 'applicationProperties', section: '3.2.5' },
  117: { name: 'data', section: '3.2.6' },
  118: { name: 'amqpSequence', section: '3.2.7' },
  119: { name: 'amqpValue', section: '3.2.8' },
  120: { name: 'footer', section: '3.2.9' },
}

/** Descriptors as symbols of what is not a list; a list's is `amqp:<name>:list`. */
export const sectionSymbols: Readonly<Record<string, number>> = {
  'amqp:delivery-annotations:map': 0x71,
  'amqp:message-annotations:map': 0x72,
  'amqp:application-properties:map': 0x74,
  'amqp:data:binary': 0x75,
  'amqp:amqp-sequence:list': 0x76,
  'amqp:amqp-value:*': 0x77,
  'amqp:footer:map': 0x78,
}

/** Restricted types [2.8], [3.5], [5.3] and what they restrict. A `secret` is a binary that authenticates. */
export const restricted: Readonly<Record<string, string>> = {
  role: 'boolean',
  'sender-settle-mode': 'ubyte',
  'receiver-settle-mode': 'ubyte',
  'terminus-durability': 'uint',
  'sasl-code': 'ubyte',
  handle: 'uint',
  seconds: 'uint',
  milliseconds: 'uint',
  'delivery-number': 'uint',
  'transfer-number': 'uint',
  'sequence-no': 'uint',
  'message-format': 'uint',
  'delivery-tag': 'binary',
  secret: 'binary',
  address: 'string',
  'ietf-language-tag': 'symbol',
  fields: 'map',
}

/** What the numbers of restricted types are called. */
export const choices: Readonly<Record<string, readonly string[]>> = {
  'sender-settle-mode': ['unsettled', 'settled', 'mixed'],
  'receiver-settle-mode': ['first', 'second'],
  'terminus-durability': ['none', 'configuration', 'unsettled-state'],
  'sasl-code': ['ok', 'auth', 'sys', 'sys-perm', 'sys-temp'],
}

/** Frame types [2.3.1], [5.3.1]. */
export const AMQP_FRAME = 0
export const SASL_FRAME = 1

/** What a protocol header says that follows it [2.2], [5.2.1], [5.3.2]. */
export const protocols: Readonly<Record<number, string>> = { 0: 'AMQP', 2: 'TLS', 3: 'SASL' }
