const SHOWN: Readonly<Record<string, string>> = {
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
  space: 'Space',
  enter: 'Enter',
  tab: 'Tab',
  'shift-tab': 'Shift-Tab',
  esc: 'Esc',
}

/** A key as it is called: `Ctrl-D`, `PgUp`. */
export const keyName = (key: string): string =>
  SHOWN[key] ?? (key.startsWith('ctrl-') ? `Ctrl-${key.slice(5).toUpperCase()}` : key)
