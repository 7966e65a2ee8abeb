import type { DriveOptions, DriveSettings } from '../../core/index.ts'

/**
 * The channels of a driven connection: to publish on, then to consume on. What is published, and what is consumed, does
 * not wait for the other.
 */
export interface Channels {
  readonly publishing: readonly number[]
  readonly consuming: readonly number[]
}

export function channelsOf({ publishes, sources, requests, settings }: DriveOptions): Channels {
  const count = channelCount(settings)
  const from = (first: number): number[] => Array.from({ length: count }, (_, at) => first + at)
  return {
    publishing: publishes ? from(1) : [],
    consuming: sources.length > 0 || requests ? from(1 + count) : [],
  }
}

const channelCount = ({ channels }: DriveSettings): number => Math.max(1, Number(channels ?? 1))
