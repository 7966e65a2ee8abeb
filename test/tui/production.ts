import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

/** Loaded into the program: what React has for who develops with it takes several times as long, and must not run. */
registerHooks({
  load(url, context, next) {
    if (!/\/react[^/]*\.development\.js$/.test(url)) return next(url, context)
    // It is read all the same, to find what it exports.
    const source = `throw new Error('React for development runs')\n${readFileSync(new URL(url), 'utf8')}`
    return { format: 'commonjs', shortCircuit: true, source }
  },
})
