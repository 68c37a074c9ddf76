// Moments as people write them, in the zone where the run was started, so that everybody who reads a report reads the same.

export const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** day is "23 Nov 2026". */
export function day(at: Date, zone: number): string {
  const d = shifted(at, zone)
  return `${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()}`
}

/** timeOfDay is "07:09:11". */
export function timeOfDay(at: Date, zone: number): string {
  return shifted(at, zone).toISOString().slice(11, 19)
}

/** zoneName is "UTC", "UTC+2", "UTC-3:30". */
export function zoneName(zone: number): string {
  if (zone === 0) return 'UTC'
  const size = Math.abs(zone)
  const minutes = size % 60 ? ':' + String(size % 60).padStart(2, '0') : ''
  return `UTC${zone < 0 ? '-' : '+'}${Math.floor(size / 60)}${minutes}`
}

function shifted(at: Date, zone: number): Date {
  return new Date(at.getTime() + zone * 60_000)
}
