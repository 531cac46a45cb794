/** The last day of the story bank; apart from it, because a process of its own cannot import the test runner. */
import { day } from '../../src/kit/day.ts'

export const storyDay = day('2026-06-30')
