import { describe, expect, test } from 'vitest'
import css from './theme.css?raw'

// Texts can be read in both themes: WCAG's 4.5 to 1 for texts, 3 to 1 for lines of charts.
function tokens(selector: string): Record<string, string> {
  const block = css.slice(css.indexOf(selector + ' {')).split('}')[0]!
  return Object.fromEntries([...block.matchAll(/(--[\w-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1]!, m[2]!]))
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high! + 0.05) / (low! + 0.05)
}

const light = tokens(':root')
const themes = { light, dark: { ...light, ...tokens(":root[data-theme='dark']") } }

for (const [name, t] of Object.entries(themes)) {
  describe(name, () => {
    test.each(['--text', '--muted', '--accent', '--good', '--warn', '--bad'])('%s is readable', (token) => {
      for (const ground of ['--bg', '--surface', '--sunken', '--hover']) expect([ground, contrast(t[token]!, t[ground]!)]).toSatisfy((x: [string, number]) => x[1] >= 4.5)
    })
    test.each(['good', 'warn', 'bad', 'accent'])('%s on its own ground', (tone) => {
      expect(contrast(t[`--${tone}`]!, t[`--${tone}-soft`]!)).toBeGreaterThanOrEqual(4.5)
    })
    test.each(['--c-rate', '--c-fail', '--c-users', '--c-flight', '--c-p50', '--c-p95', '--c-p99', '--c-lag', '--c-base', '--c-axis'])('%s stands out', (token) => {
      expect(contrast(t[token]!, t['--surface']!)).toBeGreaterThanOrEqual(token === '--c-axis' ? 4.5 : 3)
    })
  })
}
