// Light or dark: as the system says, unless the operator chose.

export type Theme = 'auto' | 'light' | 'dark'

const PLACE = 'clarion.theme'
const system = matchMedia('(prefers-color-scheme: dark)')

export const theme: { chosen: Theme; dark: boolean } = $state({ chosen: kept(), dark: false })

export function choose(chosen: Theme): void {
  theme.chosen = chosen
  try {
    localStorage.setItem(PLACE, chosen)
  } catch {
    // Without storage the choice holds as long as the page.
  }
  apply()
}

function apply(): void {
  theme.dark = theme.chosen === 'auto' ? system.matches : theme.chosen === 'dark'
  if (theme.chosen === 'auto') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme.chosen
}

function kept(): Theme {
  try {
    const found = localStorage.getItem(PLACE)
    return found === 'light' || found === 'dark' ? found : 'auto'
  } catch {
    return 'auto'
  }
}

system.addEventListener('change', apply)
apply()
