// What all charts with lines have in common: how uPlot is set up.

import uPlot from 'uplot'
import type { Clock } from '../lib/model'
import { theme } from '../theme/theme.svelte'
import { lonely } from './align'
import { TIME_STEPS, clockLabel } from './axes'

export type Values = (number | null)[]

/** Line is one curve of a chart. */
export interface Line {
  key: string
  label: string
  color: string // a token: "--c-p95"
  values: Values
  area?: boolean
  dash?: number[]
  thin?: boolean
  summary?: string // of the whole run: stands in the legend while the pointer is elsewhere
  title?: string // what the summary is
  clock?: Clock // of the baseline, for its curves: they lie under those of the run, dashed
}

/** Limit is a value that must not be passed, drawn across the chart. */
export interface Limit {
  at: number
  label: string
  broken: boolean
}

/** gutters is the room beside the plot, the same for every chart of a width, so that moments lie under each other. */
export function gutters(width: number): { left: number; right: number } {
  return width < 560 ? { left: 50, right: 18 } : { left: 64, right: 20 }
}

/** PAPER is how wide a chart is on a sheet, in px: an A4 or letter page upright, within its margins. */
const PAPER = 640

/** widthOf is how wide a chart is drawn in a box: as wide as the box, but on paper as wide as a sheet. */
export function widthOf(box: number): number {
  return theme.paper ? PAPER : box
}

/** inSight tells whether an element is on the screen, or nearly so: what is not need not be drawn again each second. */
export function inSight(element: Element, tell: (is: boolean) => void): () => void {
  const observer = new IntersectionObserver((entries) => tell(entries.at(-1)!.isIntersecting), { rootMargin: '200px' })
  observer.observe(element)
  return () => observer.disconnect()
}

export const FONT = '11px Inter, "Segoe UI", system-ui, -apple-system, Roboto, "Helvetica Neue", Arial, sans-serif'

export function axis(options: uPlot.Axis): uPlot.Axis {
  return {
    stroke: () => theme.color('--c-axis'),
    grid: { stroke: () => theme.color('--c-grid'), width: 1 },
    ticks: { show: false },
    font: FONT,
    gap: 6,
    ...options,
  }
}

export function timeAxis(): uPlot.Axis {
  return axis({ size: 24, space: 70, incrs: TIME_STEPS, values: (_u, splits) => splits.map(clockLabel), ticks: { show: true, size: 4, width: 1, stroke: () => theme.color('--line-strong') }, gap: 2 })
}

/** series is how a line is drawn. bold is for the run that a baseline lies under. */
export function series(line: Line, show: boolean, bold = false): uPlot.Series {
  return {
    label: line.label,
    show,
    stroke: () => theme.color(line.color),
    width: line.thin ? 1 : line.clock ? 1.25 : bold ? 2 : 1.5,
    ...(line.area ? { fill: () => theme.color(line.color) + '1f' } : {}),
    ...(line.dash ? { dash: line.dash } : {}),
    points: { show: true, size: 4, width: 0, fill: () => theme.color(line.color), filter: (u, index) => lonely(u.data[index] as Values) },
  }
}

/** upright draws a line from the top of the plot to its bottom. */
export function upright(u: uPlot, at: number, color: string, dash: number[]): void {
  const x = Math.round(u.valToPos(at, 'x', true)) + 0.5
  if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) return
  const { ctx } = u
  ctx.save()
  ctx.strokeStyle = color
  ctx.lineWidth = devicePixelRatio
  ctx.setLineDash(dash.map((d) => d * devicePixelRatio))
  ctx.beginPath()
  ctx.moveTo(x, u.bbox.top)
  ctx.lineTo(x, u.bbox.top + u.bbox.height)
  ctx.stroke()
  ctx.restore()
}

/** across draws a limit with its label at the right end. */
export function across(u: uPlot, limit: Limit): void {
  const y = Math.round(u.valToPos(limit.at, 'y', true)) + 0.5
  if (!(y >= u.bbox.top && y <= u.bbox.top + u.bbox.height)) return
  const { ctx } = u
  const color = theme.color(limit.broken ? '--bad' : '--muted')
  const ratio = devicePixelRatio
  ctx.save()
  ctx.strokeStyle = color
  ctx.fillStyle = color
  ctx.lineWidth = ratio
  ctx.setLineDash([6 * ratio, 4 * ratio])
  ctx.beginPath()
  ctx.moveTo(u.bbox.left, y)
  ctx.lineTo(u.bbox.left + u.bbox.width, y)
  ctx.stroke()
  ctx.font = FONT.replace('11px', `${11 * ratio}px`)
  ctx.textAlign = 'right'
  ctx.textBaseline = y - u.bbox.top < 16 * ratio ? 'top' : 'bottom'
  ctx.setLineDash([])
  ctx.lineJoin = 'round'
  ctx.lineWidth = 4 * ratio
  ctx.strokeStyle = theme.color('--surface') // what lies behind the label must not make it unreadable
  ctx.strokeText(limit.label, u.bbox.left + u.bbox.width - 4 * ratio, y + (ctx.textBaseline === 'top' ? 3 : -3) * ratio)
  ctx.fillText(limit.label, u.bbox.left + u.bbox.width - 4 * ratio, y + (ctx.textBaseline === 'top' ? 3 : -3) * ratio)
  ctx.restore()
}

/** shade fills the plot between two moments. */
export function shade(u: uPlot, from: number, to: number, color: string): void {
  const left = Math.max(u.bbox.left, u.valToPos(from, 'x', true))
  const right = Math.min(u.bbox.left + u.bbox.width, u.valToPos(to, 'x', true))
  if (right <= left) return
  u.ctx.save()
  u.ctx.fillStyle = color
  u.ctx.fillRect(left, u.bbox.top, right - left, u.bbox.height)
  u.ctx.restore()
}
