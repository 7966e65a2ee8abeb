import { quote } from './lexer.ts'
import type { Expression, Literal, Operand, Range } from './syntax.ts'

/** A filter in its usual form: what it parses to prints as the same again. */
export function print(expression: Expression): string {
  switch (expression.kind) {
    case 'or':
      return expression.items.map(item => print(item)).join(' || ')
    case 'and':
      return expression.items.map(item => (item.kind === 'or' ? `(${print(item)})` : print(item))).join(' && ')
    case 'not': {
      const { item } = expression
      return item.kind === 'present' || item.kind === 'not' ? `!${print(item)}` : `!(${print(item)})`
    }
    case 'present':
      return printOperand(expression.operand)
    case 'compare': {
      const { operator, insensitive, left, right } = expression
      const spelled = !insensitive ? operator : /\w/.test(operator) ? `i${operator}` : `${operator}i`
      return `${printOperand(left)} ${spelled} ${printOperand(right)}`
    }
    case 'in':
      return `${printOperand(expression.left)} in {${expression.items.map(printItem).join(', ')}}`
  }
}

function printOperand(operand: Operand | Literal): string {
  if (operand.kind === 'literal') return printLiteral(operand)
  if (operand.kind === 'call') return `${operand.name}(${printOperand(operand.operand)})`
  return operand.word ?? printPath(operand.path)
}

const PLAIN = /^[\w$@%+*#:/-]+$/

/** What had brackets keeps some: a word may be text, brackets cannot. */
function printPath([first = '', ...rest]: readonly string[]): string {
  const bracketed = rest.some(name => !PLAIN.test(name)) ? -1 : rest.length - 1
  return (
    first + rest.map((name, at) => (PLAIN.test(name) && at !== bracketed ? `.${name}` : `[${quote(name)}]`)).join('')
  )
}

const printItem = (item: Literal | Range): string =>
  item.kind === 'range' ? `${printLiteral(item.low)}..${printLiteral(item.high)}` : printLiteral(item)

const printLiteral = ({ text, quoted }: Literal): string => (quoted ? quote(text) : text)
