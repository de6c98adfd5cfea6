import { useEffect, useState } from 'react'

const KEY = 'kmc.theme'
const themes = ['system', 'light', 'dark'] as const

export type Theme = (typeof themes)[number]

/** The scheme of the page: the system's, or the one that was chosen here. */
export function useTheme(): { readonly theme: Theme; readonly next: () => void } {
  const [theme, setTheme] = useState<Theme>(stored)
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme
    localStorage.setItem(KEY, theme)
  }, [theme])
  return { theme, next: () => setTheme(themes[(themes.indexOf(theme) + 1) % themes.length]!) }
}

function stored(): Theme {
  const known = localStorage.getItem(KEY)
  return themes.find((theme) => theme === known) ?? 'system'
}
