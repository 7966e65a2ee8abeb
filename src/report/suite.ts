/** One thing that was looked at, as CI systems list it. */
export interface TestCase {
  readonly classname: string
  readonly name: string
  /** Absent where all is well. */
  readonly failure?: { readonly type: string; readonly message: string; readonly text: string } | undefined
  /** What is told beside it. */
  readonly output?: string | undefined
}

export interface Suite {
  /** What looked: `mqinspect lint`. */
  readonly tool: string
  /** What was looked at. */
  readonly name: string
  readonly cases: readonly TestCase[]
  /** What is told of it all. */
  readonly output?: string | undefined
}

/** JUnit's XML as CI systems read it. */
export function junitXml({ tool, name, cases, output }: Suite): string {
  const failures = cases.filter(({ failure }) => failure !== undefined).length
  const counts = `tests="${cases.length}" failures="${failures}" errors="0"`
  const told = output === undefined ? '' : `    <system-out>${escaped(output)}</system-out>\n`
  const suite = `  <testsuite name=${quoted(name)} ${counts}>\n${cases.map(testCase).join('')}${told}  </testsuite>\n`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name=${quoted(tool)} ${counts}>\n${suite}</testsuites>\n`
}

function testCase({ classname, name, failure, output }: TestCase): string {
  const head = `    <testcase classname=${quoted(classname)} name=${quoted(name)}`
  if (failure === undefined && output === undefined) return `${head}/>\n`
  const failed =
    failure === undefined
      ? ''
      : `      <failure type=${quoted(failure.type)} message=${quoted(failure.message)}>${escaped(failure.text)}</failure>\n`
  const told = output === undefined ? '' : `      <system-out>${escaped(output)}</system-out>\n`
  return `${head}>\n${failed}${told}    </testcase>\n`
}

/** What XML 1.0 has no way to write at all (§2.2), and what it must not be taken for. */
const IMPOSSIBLE = /(?![\t\n\r])[\p{Cc}\p{Cs}\ufffe\uffff]/gu
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string =>
  text.replace(IMPOSSIBLE, '\ufffd').replace(/[&<>"]/g, character => ENTITIES[character] as string)
const quoted = (text: string): string => `"${escaped(text).replaceAll('\n', '&#10;')}"`
