import { expect, test } from 'vitest'
import { day, timeOfDay, zoneName } from './moment'

test('moments are in the zone of the run, wherever they are read', () => {
  const at = new Date('2026-11-23T23:30:05Z')
  expect([day(at, 0), timeOfDay(at, 0)]).toEqual(['23 Nov 2026', '23:30:05'])
  expect([day(at, 120), timeOfDay(at, 120)]).toEqual(['24 Nov 2026', '01:30:05'])
  expect([0, 60, -210, 330].map(zoneName)).toEqual(['UTC', 'UTC+1', 'UTC-3:30', 'UTC+5:30'])
})
