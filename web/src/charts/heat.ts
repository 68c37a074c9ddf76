// Painting of a heat map: time from left to right, duration from bottom to top, and how many answers by colour.

import { bandStart, type Heat } from '../lib/model'

export interface Frame {
  left: number // of the plot, in px
  top: number
  width: number
  height: number
  from: number // s at the left edge
  to: number
  low: number // band at the bottom
  high: number // band at the top, included
}

/** frameOf leaves one empty band above and below what was measured, and shows eight at least. */
export function frameOf(heat: Heat, box: Pick<Frame, 'left' | 'top' | 'width' | 'height' | 'from' | 'to'>): Frame {
  let { low, high } = heat
  if (low > high) [low, high] = [60, 80] // nothing measured: 1 ms to 100 ms
  const missing = Math.max(0, 8 - (high - low + 1))
  return { ...box, low: low - Math.ceil(missing / 2), high: high + Math.floor(missing / 2) }
}

export function xOf(f: Frame, second: number): number {
  return f.left + ((second - f.from) / (f.to - f.from)) * f.width
}

export function secondAt(f: Frame, x: number): number {
  return f.from + ((x - f.left) / f.width) * (f.to - f.from)
}

export function yOf(f: Frame, ns: number): number {
  const bands = Math.log10(ns) * 10
  return f.top + f.height - ((bands - f.low) / (f.high - f.low + 1)) * f.height
}

export function bandAt(f: Frame, y: number): number {
  return Math.floor(f.low + ((f.top + f.height - y) / f.height) * (f.high - f.low + 1))
}

/** busiest is the highest count per second of any cell in view: what the strongest colour stands for. */
export function busiest(heat: Heat, from: number, to: number): number {
  let most = 0
  for (const c of heat.columns) {
    if (c.to <= from || c.from >= to) continue
    for (const cell of c.cells) most = Math.max(most, cell.count / (c.to - c.from))
  }
  return most
}

/** strength is how strong a cell is painted, from above 0 to 1. A root keeps rare slow answers in sight beside many quick ones. */
export function strength(perSecond: number, most: number): number {
  return most > 0 ? 0.06 + 0.94 * Math.pow(perSecond / most, 0.4) : 0
}

/** ramp gives 64 colours between stops such as "#e9f1fb", as words of an image: red in the lowest byte, no transparency. */
export function ramp(stops: readonly string[]): Uint32Array {
  const rgb = stops.map((s) => [1, 3, 5].map((i) => parseInt(s.slice(i, i + 2), 16)))
  return Uint32Array.from({ length: 64 }, (_, i) => {
    const t = (i / 63) * (rgb.length - 1)
    const a = Math.min(Math.floor(t), rgb.length - 2)
    const [r, g, b] = rgb[a]!.map((v, k) => Math.round(v + (rgb[a + 1]![k]! - v) * (t - a)))
    return ((255 << 24) | (b! << 16) | (g! << 8) | r!) >>> 0
  })
}

/** cells is the plot as an image: so many pixels wide, and one high for each band. Nothing happened where it is transparent. */
export function cells(heat: Heat, f: Frame, colors: Uint32Array, width: number): Uint32Array<ArrayBuffer> {
  const image = new Uint32Array(width * (f.high - f.low + 1))
  const most = busiest(heat, f.from, f.to)
  const pixel = (second: number) => Math.min(Math.max(Math.round(((second - f.from) / (f.to - f.from)) * width), 0), width)
  for (const c of heat.columns) {
    if (c.to <= f.from || c.from >= f.to) continue
    const left = Math.min(pixel(c.from), width - 1)
    const right = Math.max(pixel(c.to), left + 1)
    for (const cell of c.cells) {
      if (cell.band < f.low || cell.band > f.high) continue
      const row = (f.high - cell.band) * width
      image.fill(colors[Math.round(strength(cell.count / (c.to - c.from), most) * 63)]!, row + left, row + right)
    }
  }
  return image
}

/** paint draws the cells in view. They are written into an image and stretched in one go: a map has thousands, and is drawn each second. */
export function paint(ctx: CanvasRenderingContext2D, sheet: HTMLCanvasElement, heat: Heat, f: Frame, colors: Uint32Array, ratio: number): void {
  const width = Math.max(1, Math.round(f.width * ratio))
  const height = f.high - f.low + 1
  if (sheet.width !== width || sheet.height !== height) [sheet.width, sheet.height] = [width, height]
  sheet.getContext('2d')!.putImageData(new ImageData(new Uint8ClampedArray(cells(heat, f, colors, width).buffer), width, height), 0, 0)
  ctx.imageSmoothingEnabled = false
  ctx.drawImage(sheet, f.left, f.top, f.width, f.height)
}

/** rangeOf is the durations of a band, in ns. */
export function rangeOf(band: number): [number, number] {
  return [bandStart(band), bandStart(band + 1)]
}
