// Schedules as the API has them, what became of their turns in a word or two, and the calendar of both.

export interface Turn { due: string; ended: string | null; state: string; run: string; missed: number; again: boolean; words: string; accepted: boolean }

export interface Schedule {
  name: string; cron: string; tz: string; on: boolean; late_s: number; busy: boolean; repeat_when_unsure: number; settings: Record<string, string[]>
  next: string | null; coming: string[]; turns: Turn[]
}

export type Tone = 'good' | 'warn' | 'bad' | 'same'

/** Outcome is what a turn came to: a word, how it stands beside the nights before it, and the rest of what was said. */
export interface Outcome { word: string; tone: Tone; beside: string; besideTone: Tone; text: string; changed: boolean }

const BESIDE = '. Beside the nights before: '
const TONES: Record<string, Tone> = { PASSED: 'good', SAME: 'good', IMPROVED: 'good', INTERRUPTED: 'warn', INCONCLUSIVE: 'warn', FAILED: 'bad', REGRESSED: 'bad', INVALID: 'bad' }

const toneOf = (word: string): Tone => TONES[word.split(',')[0]!] ?? 'same'

/** outcomeOf reads what a turn says of itself. */
export function outcomeOf(t: Turn): Outcome {
  if (t.state !== 'ran') {
    const tone: Tone = t.state === 'failed' ? 'bad' : t.state === 'skipped' ? 'warn' : 'same'
    const word = t.state === 'running' ? 'goes on' : t.missed > 1 ? `${t.state} ${t.missed} times` : t.state
    return { word, tone, beside: '', besideTone: 'same', text: t.words, changed: false }
  }
  const cut = t.words.indexOf(BESIDE)
  const [line, nights] = cut < 0 ? [t.words, ''] : [t.words.slice(0, cut), t.words.slice(cut + BESIDE.length)]
  const word = /^[A-Z][A-Z, a-z]*?(?=:)/.exec(line)?.[0] ?? 'ran'
  const beside = /^[A-Z]+/.exec(nights)?.[0] ?? ''
  const text = line.slice(word === 'ran' ? 0 : word.length + 1).trim() + (nights.length > beside.length ? `. ${beside}${nights.slice(beside.length)}` : '')
  return { word, tone: toneOf(word), beside, besideTone: toneOf(beside), text, changed: beside === 'REGRESSED' || beside === 'IMPROVED' }
}

/** Entry is something on a day of the calendar. */
export interface Entry { at: Date; schedule: string; turn: Turn | null }

export interface Day { date: Date; today: boolean; past: boolean; entries: Entry[]; andOn: string[] } // andOn are the schedules that go on, whose times are not known that far

/** KNOWN is how many coming times of a schedule the server tells at most. */
const KNOWN = 100

const startOfDay = (d: Date): Date => new Date(d.getFullYear(), d.getMonth(), d.getDate())

/** calendar is whole weeks, Monday first, from the week before this one or the one before that: what was and what comes. */
export function calendar(all: Schedule[], now: Date, weeks = 6, back = 7): Day[] {
  const today = startOfDay(now)
  const first = new Date(today.getFullYear(), today.getMonth(), today.getDate() - back)
  first.setDate(first.getDate() - ((first.getDay() + 6) % 7))
  const days: Day[] = Array.from({ length: weeks * 7 }, (_, i) => {
    const date = new Date(first.getFullYear(), first.getMonth(), first.getDate() + i)
    return { date, today: date.getTime() === today.getTime(), past: date < today, entries: [], andOn: [] }
  })
  const at = new Map(days.map((d) => [d.date.getTime(), d]))
  for (const s of all) {
    for (const turn of s.turns) at.get(startOfDay(new Date(turn.due)).getTime())?.entries.push({ at: new Date(turn.due), schedule: s.name, turn })
    for (const next of s.coming) at.get(startOfDay(new Date(next)).getTime())?.entries.push({ at: new Date(next), schedule: s.name, turn: null })
  }
  for (const s of all) {
    const last = s.coming.at(-1)
    if (!last || s.coming.length < KNOWN) continue
    const known = startOfDay(new Date(last))
    for (const d of days) if (d.date >= known) d.andOn.push(s.name)
  }
  for (const d of days) d.entries.sort((a, b) => a.at.getTime() - b.at.getTime() || a.schedule.localeCompare(b.schedule))
  return days
}

const two = (n: number): string => String(n).padStart(2, '0')

export const hours = (d: Date): string => `${two(d.getHours())}:${two(d.getMinutes())}`

/** when is a moment for people, in their own zone. */
export function when(text: string, now: Date): string {
  const d = new Date(text)
  const days = Math.round((startOfDay(d).getTime() - startOfDay(now).getTime()) / 86_400_000)
  const near = { '-1': 'yesterday', 0: 'today', 1: 'tomorrow' }[days]
  return `${near ?? `${d.toLocaleDateString('en', { weekday: 'short' })} ${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`} ${hours(d)}`
}
