/** Sets of colours, by name; what they look like is the terminal's part. */
export const THEMES = ['dark', 'light', 'plain'] as const
export type ThemeName = (typeof THEMES)[number]
