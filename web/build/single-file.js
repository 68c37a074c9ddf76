import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

// singleFile is a Vite plugin that puts the built script and style sheet into a page, with a content security policy that allows those
// two texts and nothing else: no other script, no request to anywhere. The page keeps the marks that the Go side fills in.
export function singleFile({ page }) {
  return {
    name: 'single-file',
    enforce: 'post',
    generateBundle(_options, bundle) {
      // Strings such as '<!--' would be markup to the parser of the page.
      const script = only(bundle, (f) => f.type === 'chunk').code.trim().replaceAll('<!--', '\\x3C!--')
      const style = String(only(bundle, (f) => f.type === 'asset' && f.fileName.endsWith('.css')).source).trim()
      if (/<\/?script/i.test(script)) throw new Error('the script would end its own element: it holds <script or </script')
      if (/<\/style/i.test(style)) throw new Error('the style sheet would end its own element: it holds </style')
      for (const name of Object.keys(bundle)) delete bundle[name]
      const policy = [
        `default-src 'none'`,
        `script-src '${sha256(script)}'`,
        `style-src '${sha256(style)}'`,
        `img-src data:`,
        `base-uri 'none'`,
        `form-action 'none'`,
        `require-trusted-types-for 'script'`, // where a browser knows them, texts cannot become markup by mistake either
        `trusted-types svelte-trusted-html`,
      ].join('; ')
      let text = readFileSync(page, 'utf8')
      for (const [mark, value] of [['%policy%', policy], ['%style%', style], ['%script%', script]]) text = put(text, mark, value)
      this.emitFile({ type: 'asset', fileName: page, source: text })
    },
  }
}

// only is the one file of a bundle that fits.
function only(bundle, fits) {
  const found = Object.values(bundle).filter(fits)
  if (found.length !== 1) throw new Error(`the page holds one script and one style sheet; the bundle has ${found.length}`)
  return found[0]
}

// put replaces a mark that occurs once.
function put(text, mark, value) {
  const parts = text.split(mark)
  if (parts.length !== 2) throw new Error(`the page must hold ${mark} once`)
  return parts.join(value)
}

function sha256(text) {
  return 'sha256-' + createHash('sha256').update(text, 'utf8').digest('base64')
}
