// The form of a new run: what stands in it and what is sent.

import type { Setting } from './api'

export const LABELS: Record<string, string> = {
  users: 'Users', 'spawn-rate': 'Spawn rate', rate: 'Rate', 'run-time': 'Run time', host: 'Host', tags: 'Tags', thresholds: 'Thresholds', changes: 'Changes',
  focus: 'Focus', notes: 'Notes', link: 'Links', tag: 'Words to find it by', types: 'User types',
}

/** EXAMPLES stand in fields that are empty, where nothing else says what would hold. */
export const EXAMPLES: Record<string, string> = {
  rate: 'none: users, not arrivals', 'run-time': 'until it is stopped', tags: 'all tasks; else one tag a line', 'exclude-tags': 'none; else one tag a line', types: 'all of them; else one name a line',
  thresholds: 'none; else one rule a line', link: 'one address a line',
}

/** MAIN are the fields that everybody sees; all others are one click away. */
export const MAIN = ['users', 'spawn-rate', 'rate', 'run-time', 'host', 'tags', 'thresholds']
export const ABOUT = ['changes', 'focus', 'notes', 'link']
export const MORE_FIRST = ['exclude-tags', 'types']

/** grouped is the other settings under their headings. */
export function grouped(settings: Setting[]): [string, Setting[]][] {
  const groups = new Map<string, Setting[]>()
  for (const s of settings) {
    if ([...MAIN, ...ABOUT, ...MORE_FIRST].includes(s.key)) continue
    groups.set(s.group, [...(groups.get(s.group) ?? []), s])
  }
  return [...groups]
}

/** SHORT are words that are written in capitals. */
const SHORT = /\b(http|dns|ttl|ip|io|url|tls|csv)\b/g

export const labelFor = (s: Setting): string => LABELS[s.key] ?? s.key.replace(/-/g, ' ').replace(SHORT, (w) => w.toUpperCase()).replace(/^./, (c) => c.toUpperCase())

const KEPT = 'stampede.form'

/** start is what the form begins with: what was sent last from this browser, else what the file and the environment say. */
export function start(settings: Setting[], test: string): Record<string, string> {
  const values = Object.fromEntries(settings.map((s) => [s.key, s.value]))
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Record<string, Record<string, string>>
    for (const [k, v] of Object.entries(kept[test] ?? {})) if (k in values && !ABOUT.includes(k)) values[k] = v
  } catch {
    // Nothing was kept, or nothing can be.
  }
  return values
}

export function keep(values: Record<string, string>, test: string): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify({ [test]: values }))
  } catch {
    // It is only a convenience.
  }
}

/** body is what is sent: settings that differ from what holds anyhow. */
export function body(settings: Setting[], values: Record<string, string>): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const s of settings) {
    const v = (values[s.key] ?? '').trim()
    if (v === '' || (v === s.value.trim() && v === '')) continue
    if (s.list) out[s.key] = v.split('\n').map((x) => x.trim()).filter(Boolean)
    else out[s.key] = v
  }
  return out
}
