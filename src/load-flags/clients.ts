import { Flags, settings } from '../command.ts'
import { many } from './many.ts'

/** Who the clients are, and how they connect. */
export const clientFlags = settings({
  protocol: Flags.string({
    description: 'what to speak, where the scheme leaves it open: amqp091, amqp10, mqtt, stomp, coap',
    helpValue: 'ID',
    helpGroup: 'CLIENTS',
  }),
  'protocol-version': Flags.string({
    description: 'of the protocol: 5, 3.1.1 or 3.1 of MQTT',
    helpValue: 'VERSION',
    helpGroup: 'CLIENTS',
  }),
  publishers: Flags.integer({
    char: 'x',
    min: 0,
    default: 1,
    description: 'clients that publish',
    helpValue: 'N',
    helpGroup: 'CLIENTS',
  }),
  consumers: Flags.integer({
    char: 'y',
    min: 0,
    default: 1,
    description: 'clients that consume',
    helpValue: 'N',
    helpGroup: 'CLIENTS',
  }),
  idle: Flags.integer({
    min: 0,
    default: 0,
    description: 'clients that only stay connected',
    helpValue: 'N',
    helpGroup: 'CLIENTS',
  }),
  'consume-from': Flags.string({
    ...many,
    description: 'where consumers connect, if elsewhere, and in which protocol',
    helpValue: 'UPSTREAM',
    helpGroup: 'CLIENTS',
  }),
  user: Flags.string({ description: 'log in as', helpValue: 'NAME', helpGroup: 'CLIENTS' }),
  password: Flags.string({ description: 'its password', helpValue: 'TEXT', helpGroup: 'CLIENTS' }),
  'password-file': Flags.string({
    description: 'a file with the password in it, read again when it changes',
    helpValue: 'FILE',
    helpGroup: 'CLIENTS',
    exclusive: ['password', 'oauth2-token-file', 'oauth2-token-url'],
  }),
  'oauth2-token-file': Flags.string({
    description: 'a file with a token in it, in place of a password; read again when it changes',
    helpValue: 'FILE',
    helpGroup: 'CLIENTS',
    exclusive: ['password', 'oauth2-token-url'],
  }),
  'oauth2-token-url': Flags.string({
    description: 'ask for tokens there, by the client_credentials grant, and again before they expire',
    helpValue: 'URL',
    helpGroup: 'CLIENTS',
    exclusive: ['password'],
  }),
  'oauth2-client-id': Flags.string({
    description: 'who asks for them',
    helpValue: 'ID',
    helpGroup: 'CLIENTS',
  }),
  'oauth2-client-secret': Flags.string({
    description: 'its secret; rather as MQINSPECT_OAUTH2_CLIENT_SECRET, which other users do not see',
    helpValue: 'TEXT',
    helpGroup: 'CLIENTS',
  }),
  'oauth2-scope': Flags.string({
    description: 'what they are to be good for',
    helpValue: 'TEXT',
    helpGroup: 'CLIENTS',
  }),
  'oauth2-parameter': Flags.string({
    ...many,
    description: 'what else the token server wants to be told: audience=rabbitmq; repeatable',
    helpValue: 'NAME=VALUE',
    helpGroup: 'CLIENTS',
  }),
  vhost: Flags.string({ description: 'virtual host', helpValue: 'NAME', helpGroup: 'CLIENTS' }),
  'client-id': Flags.string({
    description: 'template of client ids; without it mqinspect-%run-%g-%i, which no other run has',
    helpValue: 'TEXT',
    helpGroup: 'CLIENTS',
  }),
  'first-client': Flags.integer({
    min: 0,
    description: 'what %i and client ids count from, usually 1: several machines share one plan',
    helpValue: 'N',
    helpGroup: 'CLIENTS',
  }),
  'keep-alive': Flags.integer({
    min: 0,
    description: 'heartbeat or keep-alive in seconds; 0 for none',
    helpValue: 'N',
    helpGroup: 'CLIENTS',
  }),
  'connect-rate': Flags.string({
    description: 'connections that are begun a second',
    helpValue: 'N',
    helpGroup: 'CLIENTS',
  }),
  lifetime: Flags.string({
    description: 'end each connection after so long, and make it again',
    helpValue: 'TIME',
    helpGroup: 'CLIENTS',
  }),
  'local-address': Flags.string({
    ...many,
    delimiter: ',',
    description: 'addresses of this machine to connect from, in turn: 127.0.0.2,127.0.0.3',
    helpValue: 'IP',
    helpGroup: 'CLIENTS',
  }),
  reconnect: Flags.string({
    default: '1s',
    description: 'when a connection is lost: after so long; 2s:5 five times in a row at most; never',
    helpValue: 'TIME',
    helpGroup: 'CLIENTS',
  }),
  failover: Flags.boolean({
    description: 'of several UPSTREAMs: where one is not to be reached, its clients go on to the next',
    helpGroup: 'CLIENTS',
  }),
  option: Flags.string({
    ...many,
    char: 'o',
    description: 'an option of the protocol: qos=1, persistent=true, exchange=orders, priority=%rand_9; repeatable',
    helpValue: 'NAME=VALUE',
    helpGroup: 'CLIENTS',
  }),
  cleanup: Flags.boolean({
    description: 'in the end, take away what clients made: queues, exchanges, sessions, retained messages, resources',
    helpGroup: 'CLIENTS',
  }),
  qos: Flags.integer({
    min: 0,
    max: 2,
    description: 'short for --option qos=N',
    helpValue: 'N',
    helpGroup: 'CLIENTS',
  }),
})
