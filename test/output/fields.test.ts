import { describe, expect, it } from 'vitest'
import { shown } from './shown.ts'

const cells = async (...fields: string[]): Promise<string[][]> =>
  (await shown({ fields }))
    .split('\n')
    .slice(0, -1)
    .map(line => line.split('\t'))

describe('--fields', () => {
  it('takes any path of the JSON', async () => {
    expect(await cells('frame', 'type', 'toy.text', 'diagnostics.code')).toEqual([
      ['1', 'login', '', ''],
      ['2', 'say', 'bad', 'bad-word'],
      ['3', 'many', '', ''],
      ['4', 'malformed', '', 'not-a-frame'],
      ['5', 'gap', '', ''],
      ['6', 'say', '\\x1b[31mred\\n\\u202e', ''],
    ])
  })

  it('finds keys with dots, items of lists, lists of items, and objects', async () => {
    const [, , many] = await cells(
      ...['toy.headers.x.y', 'toy.headers.list.a', 'toy.headers.list.1.a', 'toy.headers.list', 'toy.blob'],
    )
    expect(many).toEqual(['dotted', '1,2', '2', '[{"a":1},{"a":2}]', '{"base64":"//4="}'])
  })

  it('masks secrets', async () => {
    expect((await cells('toy.password'))[0]).toEqual(['***'])
  })

  it('knows which fields there are', async () => {
    await expect(shown({ fields: ['toy.txt'] })).rejects.toMatchObject({
      exit: 2,
      message: '--fields: no field is called toy.txt',
      next: 'Did you mean toy.text?',
    })
    await expect(shown({ fields: ['nonsense'] })).rejects.toMatchObject({
      exit: 2,
      next: expect.stringMatching(/^Fields: frame, .*toy\.…\.$/),
    })
    await expect(shown({ fields: ['frame'], view: 'flows' })).rejects.toMatchObject({ exit: 2 })
    await expect(shown({ fields: ['frame'], format: 'ndjson' })).rejects.toMatchObject({ exit: 2 })
  })

  it('serves the other views too', async () => {
    expect(await shown({ fields: ['flow', 'client', 'frames.server', 'product'], view: 'flows' })).toBe(
      '1\t[::1]:40001\t1\ttoy of ann\n2\t10.0.0.1:40002\t0\t\n',
    )
    expect(await shown({ fields: ['stat', 'type', 'frames.client'], view: 'stats' })).toContain('type\tsay\t2\n')
  })
})
