import { expect, test } from 'vitest'
import type { Told, Want } from './hub'
import { Ports, SILENT, type Port } from './ports'

/** tabs is a worker with a clock that is set by hand. */
function tabs() {
  let now = 1000
  const wanted = new Map<object, Want>()
  const streams = { want: (who: object, want: Want | null) => void (want ? wanted.set(who, want) : wanted.delete(who)) }
  const tab = () => {
    const heard: string[] = []
    const port: Port = { postMessage: (told: Told) => heard.push(`${told.kind} ${told.data}`) }
    return { port, heard }
  }
  return { ports: new Ports(streams, () => now), wanted, tab, later: (ms: number) => (now += ms) }
}

const want = (from: string): Want => ({ base: '', run: 'r', from, names: [], rows: ['*'] })

test('a tab that speaks once a minute keeps its stream', () => {
  const { ports, wanted, tab, later } = tabs()
  const { port, heard } = tab()
  ports.hear(port, { want: want('0.0') })
  for (let i = 0; i < 10; i++) {
    later(60_000)
    ports.sweep()
    ports.hear(port, {})
  }
  expect(wanted.has(port)).toBe(true)
  expect(heard).toEqual([])
})

test('a tab that slept is told to ask again, and gets its stream again', () => {
  const { ports, wanted, tab, later } = tabs()
  const [a, b] = [tab(), tab()]
  ports.hear(a.port, { want: want('0.0') })
  ports.hear(b.port, { want: want('0.0') })
  later(SILENT)
  ports.hear(b.port, {})
  ports.sweep()
  expect([wanted.has(a.port), wanted.has(b.port)]).toEqual([false, true])
  ports.hear(a.port, {})
  expect(a.heard).toEqual(['state again'])
  ports.hear(a.port, { want: want('150.1') })
  expect(wanted.get(a.port)?.from).toBe('150.1')
  ports.hear(a.port, {})
  expect([a.heard.length, b.heard.length]).toEqual([1, 0])
})

test('a tab that said it is closed is gone at once', () => {
  const { ports, wanted, tab } = tabs()
  const { port } = tab()
  ports.hear(port, { want: want('0.0') })
  ports.hear(port, { want: null })
  expect(wanted.size).toBe(0)
})
