import { expect, test, vi } from 'vitest'

test('an address is a path, a place on the page, or no text at all', async () => {
  vi.stubGlobal('location', { hash: '' })
  vi.stubGlobal('addEventListener', () => {})
  const { decoded, pathOf } = await import('./router.svelte')
  expect([pathOf(''), pathOf('#/'), pathOf('#/run/a%20b'), pathOf('#requests')]).toEqual(['', '', 'run/a%20b', null])
  expect([decoded('a%20b'), decoded('100%'), decoded('%ff')]).toEqual(['a b', '100%', '%ff'])
})
