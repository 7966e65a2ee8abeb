import type { Table } from './field-table.ts'
import type { Properties } from './properties.ts'
import type { Text } from './strings.ts'
import type { ArgumentType, MethodType, methods } from './tables.ts'

/** The first thing a client sends; from a server, its refusal and the version that it would speak [4.2.2]. */
export interface ProtocolHeader {
  readonly type: 'protocol-header'
  readonly protocolId: number
  readonly major: number
  readonly minor: number
  readonly revision: number
}

/** Announces a message's body and carries its properties [4.2.6.1]. */
export interface ContentHeader {
  readonly type: 'header'
  readonly channel: number
  readonly classId: number
  /** Unused, must be zero; in the frame only where it is not. */
  readonly weight?: number
  readonly bodySize: number | bigint
  readonly properties: Properties
}

/** A piece of a message's body; how the pieces fall means nothing [4.2.6.2]. */
export interface ContentBody {
  readonly type: 'body'
  readonly channel: number
  readonly body: Uint8Array
}

/** "I am still here" [4.2.7]. */
export interface Heartbeat {
  readonly type: 'heartbeat'
  /** Must be 0. */
  readonly channel: number
  /** The four octets that the specification's grammar prints, where everybody sends eight. */
  readonly short?: true
}

/** A method that is in no table of ours. */
export interface UnknownMethod {
  readonly type: 'method'
  readonly channel: number
  readonly classId: number
  readonly methodId: number
  readonly arguments: Uint8Array
}

/** How each type of argument comes out. */
interface Values {
  octet: number
  short: number
  long: number
  /** Exact: a bigint from 2^53 on. */
  longlong: number | bigint
  bit: boolean
  shortstr: Text
  longtext: Text
  longstr: Uint8Array
  secret: Uint8Array
  table: Table
}

type Arguments<Row extends Readonly<Record<string, ArgumentType>>> = {
  readonly [Name in keyof Row as Name extends `${string}?` ? never : Name]: Values[Row[Name]]
} & {
  readonly [Name in keyof Row as Name extends `${infer Reserved}?` ? Reserved : never]?: Values[Row[Name]]
}

type Flat<T> = { readonly [Name in keyof T]: T[Name] }

/** The frame of one method, `MethodOf<'basic.publish'>`, or of one of several. */
export type MethodOf<Type extends MethodType> = Type extends MethodType
  ? Flat<{ readonly type: Type; readonly channel: number } & Arguments<(typeof methods)[Type][2]>>
  : never

/** Class and method, then the arguments of the table, each by its name [4.2.4]. */
export type Method = MethodOf<MethodType>

export type AmqpFrame = ProtocolHeader | Method | UnknownMethod | ContentHeader | ContentBody | Heartbeat
