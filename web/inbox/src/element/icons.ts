// Icons as drawings of 24 by 24, in the colour of the text.
import { svg, type SVGTemplateResult } from 'lit'

const icon = (drawing: SVGTemplateResult) =>
  svg`<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor"
    stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"
    focusable="false">${drawing}</svg>`

export const icons = {
  bell: icon(svg`<path d="M18 9a6 6 0 0 0-12 0c0 6-2.5 7-2.5 8h17c0-1-2.5-2-2.5-8Z"/><path
    d="M10 20.5a2.2 2.2 0 0 0 4 0"/>`),
  allRead: icon(svg`<path d="m3 12.5 4.5 4.5L16 8"/><path d="m12 16.5.8.5L21 8"/>`),
  check: icon(svg`<path d="m5 12.5 4.5 4.5L19 7.5"/>`),
  gear: icon(svg`<path d="M4 7h10M18 7h2M4 17h2M10 17h10"/><circle cx="16" cy="7" r="2"/><circle
    cx="8" cy="17" r="2"/>`),
  more: icon(svg`<g fill="currentColor" stroke="none"><circle cx="5.5" cy="12" r="1.7"/><circle
    cx="12" cy="12" r="1.7"/><circle cx="18.5" cy="12" r="1.7"/></g>`),
  close: icon(svg`<path d="M6 6l12 12M18 6 6 18"/>`),
  up: icon(svg`<path d="M12 19V5m-6 6 6-6 6 6"/>`),
  offline: icon(svg`<path d="M3 3l18 18M8.5 15.5a5 5 0 0 1 7 0M5 12a10 10 0 0 1 5-2.8M19 12a10 10 0
    0 0-4-2.5M2 8.5a15 15 0 0 1 4.5-2.8M22 8.5A15 15 0 0 0 11 5M12 19h.01"/>`),
  archive: icon(svg`<path d="M3.5 5h17v4h-17zM5 9v10h14V9M10 13h4"/>`),
  clock: icon(svg`<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>`),
  alert: icon(svg`<circle cx="12" cy="12" r="8.5"/><path d="M12 8v5M12 16h.01"/>`),
}
