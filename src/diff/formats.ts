export const DIFF_FORMATS = ['text', 'ndjson', 'json', 'html'] as const
export type DiffFormat = (typeof DIFF_FORMATS)[number]
