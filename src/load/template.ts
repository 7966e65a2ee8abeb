/**
 * Names of which there are many: `sensors/%i/temp`.
 *
 * | | |
 * |---|---|
 * | `%i`, `%d` | the client's number in its group, from 1 |
 * | `%c` | its client identifier |
 * | `%u` | its user |
 * | `%g` | the group's name |
 * | `%s` | the message's number |
 * | `%rand_9` | one of 1 to 9, for each message |
 * | `%%` | a percent sign |
 */
export interface Names {
  /** From 0. */
  readonly client: number
  readonly clientId: string
  readonly user: string
  readonly group: string
}

const EACH_CLIENT = /%(?:[idcug%])/g
const EACH_MESSAGE = /%(?:s|rand_(\d+))/g

/** What a template is for one client; what differs from message to message is left. */
export function expand(template: string, { client, clientId, user, group }: Names): string {
  const values: Readonly<Record<string, string>> = {
    '%i': String(client + 1),
    '%d': String(client + 1),
    '%c': clientId,
    '%u': user,
    '%g': group,
    '%%': '%',
  }
  return template.replace(EACH_CLIENT, name => values[name] as string)
}

/** Whether something in it differs from message to message. */
export const isDynamic = (template: string): boolean => template.search(EACH_MESSAGE) >= 0

/** What an expanded template is for one message. */
export const expandMessage = (template: string, sequence: number, random: () => number): string =>
  template.replace(EACH_MESSAGE, (_, most?: string) =>
    most === undefined ? String(sequence) : String(1 + Math.floor(random() * Number(most))),
  )
