import type { Span } from './error.ts'

/** A filter as it was written. */
export type Expression =
  | { readonly kind: 'or' | 'and'; readonly items: readonly Expression[] }
  | { readonly kind: 'not'; readonly item: Expression }
  | { readonly kind: 'present'; readonly operand: Operand }
  | Comparison
  | { readonly kind: 'in'; readonly left: Operand; readonly items: readonly (Literal | Range)[] }

export interface Comparison {
  readonly kind: 'compare'
  readonly operator: Operator
  /** Upper and lower case are the same. */
  readonly insensitive: boolean
  readonly left: Operand
  readonly right: Operand | Literal
}

export const OPERATORS = ['==', '!=', '<', '<=', '>', '>=', 'contains', 'matches', '~'] as const
export type Operator = (typeof OPERATORS)[number]

export const FUNCTIONS = ['lower', 'upper', 'len', 'count'] as const
export type FunctionName = (typeof FUNCTIONS)[number]

export type Operand = Path | Call

/** Words with dots between them. On the right of an operator, one may be a mere word. */
export interface Path extends Span {
  readonly kind: 'path'
  readonly path: readonly string[]
  /** As one word, where it was written as one. */
  readonly word?: string | undefined
}

export interface Call extends Span {
  readonly kind: 'call'
  readonly name: FunctionName
  readonly operand: Operand
}

export interface Literal extends Span {
  readonly kind: 'literal'
  readonly text: string
  /** In quotes it is text, and nothing else. */
  readonly quoted: boolean
}

/** Both ends included. */
export interface Range {
  readonly kind: 'range'
  readonly low: Literal
  readonly high: Literal
}
