/** Users and passwords that brokers come with, or whose documentation has them. */
const DEFAULTS: Readonly<Record<string, readonly string[]>> = {
  guest: ['guest'],
  admin: ['admin', 'password'],
  system: ['manager'],
  artemis: ['artemis', 'simetraehcapa'],
  user: ['user', 'password'],
  test: ['test'],
}

/** Whether everyone knows that this user begins with this password. */
export const isDefaultPassword = (user: string | undefined, password: string | undefined): boolean =>
  user !== undefined && Object.hasOwn(DEFAULTS, user) && DEFAULTS[user]?.includes(password ?? '') === true

/** An address of this machine, or a path of a unix socket. */
export const isLoopback = (host: string): boolean => host === '::1' || host.startsWith('127.') || host.startsWith('/')

/** A group of hosts [RFC 5771, RFC 4291 §2.7]: who of them answers does so from its own address, and none has to. */
export const isMulticast = (host: string): boolean => /^(?:22[4-9]|23\d)\.|^ff/i.test(host)
