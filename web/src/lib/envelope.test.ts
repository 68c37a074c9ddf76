import { expect, test } from 'vitest'
import { open } from './envelope'

const tiny = JSON.stringify({ payload: 1, runs: [{ info: { name: 'naïve </script> \u2028' } }] })

test('plain and packed payloads are the same', async () => {
  const stream = new Blob([tiny]).stream().pipeThrough(new CompressionStream('deflate-raw'))
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer())
  const packed = btoa(String.fromCharCode(...bytes))
  expect(await open(packed)).toEqual(JSON.parse(tiny))
  expect(await open('\n' + tiny + '\n')).toEqual(JSON.parse(tiny))
})

test('what cannot be shown says why', async () => {
  await expect(open('  ')).rejects.toThrow('carries no report')
  await expect(open('{"payload":2,"runs":[{}]}')).rejects.toThrow('payload 2')
  await expect(open('{"payload":1,"runs":[]}')).rejects.toThrow('no run')
  await expect(open('AAAA')).rejects.toThrow()
})
