import { css } from 'lit'

/** Colours for light and dark; a page sets the `--clarion-...` variables to have others. */
const theme = css`
  :host {
    color-scheme: light dark;
    --_surface: var(--clarion-surface, light-dark(#ffffff, #1b1c21));
    --_raised: var(--clarion-surface-raised, light-dark(#f4f5f8, #26282f));
    --_text: var(--clarion-text, light-dark(#1a1b22, #f2f2f5));
    --_muted: var(--clarion-muted, light-dark(#5b5f6d, #a9adba));
    --_border: var(--clarion-border, light-dark(#e3e4ea, #363842));
    --_accent: var(--clarion-accent, light-dark(#3b4bd8, #a3b2ff));
    --_on-accent: var(--clarion-on-accent, light-dark(#ffffff, #12142a));
    --_tint: var(--clarion-unread, light-dark(#f3f4ff, #23263a));
    --_badge: var(--clarion-badge, #c8202f);
    --_on-badge: var(--clarion-on-badge, #ffffff);
    --_danger: var(--clarion-danger, light-dark(#b3261e, #ffb4ab));
    --_radius: var(--clarion-radius, 14px);
    --_shadow: var(
      --clarion-shadow,
      0 1px 2px rgb(0 0 0 / 8%),
      0 12px 40px rgb(0 0 0 / 18%)
    );
    --_z: var(--clarion-z-index, 1000);
    display: inline-block;
    position: relative;
    color: inherit;
    font: 400 var(--clarion-font-size, 14px) / 1.45
      var(--clarion-font, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif);
    text-align: start;
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }
  :host([theme='page']) {
    color-scheme: inherit;
  }
  :host([mode='page']) {
    display: block;
  }
  :host([hidden]) {
    display: none;
  }
`

const common = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  button,
  select,
  a {
    font: inherit;
    color: inherit;
  }
  button {
    border: 0;
    padding: 0;
    background: none;
    cursor: pointer;
  }
  p,
  h2 {
    margin: 0;
  }
  :focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }
  svg {
    display: block;
    flex: none;
  }
  .sr {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .icon {
    display: inline-grid;
    place-items: center;
    inline-size: 34px;
    block-size: 34px;
    border-radius: 9px;
    color: var(--_muted);
    text-decoration: none;
  }
  .icon:hover {
    background: var(--_raised);
    color: var(--_text);
  }
  .icon[aria-disabled='true'] {
    opacity: 0.45;
    cursor: default;
  }
  .bell {
    position: relative;
    display: inline-grid;
    place-items: center;
    min-inline-size: 40px;
    min-block-size: 40px;
    border-radius: 10px;
    color: inherit;
  }
  .bell:hover {
    background: color-mix(in srgb, currentColor 9%, transparent);
  }
  .bell svg {
    inline-size: 22px;
    block-size: 22px;
  }
  .badge {
    position: absolute;
    inset-block-start: 1px;
    inset-inline-start: calc(50% + 1px);
    min-inline-size: 18px;
    block-size: 18px;
    padding-inline: 5px;
    border-radius: 9px;
    background: var(--_badge);
    color: var(--_on-badge);
    font-size: 11px;
    font-weight: 650;
    line-height: 18px;
    text-align: center;
    font-variant-numeric: tabular-nums;
    pointer-events: none;
  }
`

const panel = css`
  .panel {
    position: fixed;
    inset: auto;
    margin: 0;
    border: 1px solid var(--_border);
    padding: 0;
    inline-size: min(var(--clarion-width, 400px), calc(100vw - 16px));
    max-block-size: min(var(--clarion-height, 640px), var(--_room, 80vh));
    flex-direction: column;
    overflow: hidden;
    border-radius: var(--_radius);
    background: var(--_surface);
    color: var(--_text);
    box-shadow: var(--_shadow);
    z-index: var(--_z);
    display: none;
  }
  .panel.open {
    display: flex;
    animation: appear 0.14s ease-out;
  }
  .panel:focus {
    outline: none;
  }
  .panel.page {
    position: static;
    inline-size: 100%;
    max-block-size: none;
    box-shadow: none;
    animation: none;
    /* Keeps the corners round, and what is sticky within it sticks to the page. */
    overflow: clip;
  }
  @keyframes appear {
    from {
      opacity: 0;
      translate: 0 -6px;
    }
  }
  .header {
    display: flex;
    align-items: center;
    gap: 2px;
    padding: 10px 10px 6px;
    padding-inline-start: 18px;
  }
  h2 {
    flex: 1;
    min-inline-size: 0;
    font-size: 1.15em;
    font-weight: 650;
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    padding-inline: 10px;
    border-block-end: 1px solid var(--_border);
  }
  .tabs {
    display: flex;
    flex: 1 0 100%;
    min-inline-size: 0;
    overflow-x: auto;
    scrollbar-width: none;
  }
  .tab {
    position: relative;
    padding: 9px 9px 10px;
    color: var(--_muted);
    white-space: nowrap;
  }
  .tab:hover {
    color: var(--_text);
  }
  .tab:focus-visible,
  .item:focus-visible {
    outline-offset: -2px;
    border-radius: 8px;
  }
  .tab[aria-selected='true'] {
    color: var(--_text);
    font-weight: 600;
  }
  .tab[aria-selected='true']::after {
    content: '';
    position: absolute;
    inset-inline: 9px;
    inset-block-end: 0;
    block-size: 2px;
    border-radius: 2px;
    background: var(--_accent);
  }
  .count {
    margin-inline-start: 5px;
    padding: 1px 6px;
    border-radius: 9px;
    background: var(--_raised);
    color: var(--_muted);
    font-size: 0.8em;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }
  select {
    flex: 1;
    min-inline-size: 0;
    min-block-size: 32px;
    margin: 8px;
    border: 1px solid var(--_border);
    border-radius: 8px;
    padding-inline: 6px;
    background: var(--_surface);
    color: var(--_text);
    font-size: 0.93em;
  }
  .scroll {
    position: relative;
    flex: 1;
    min-block-size: 96px;
    overflow-y: auto;
    overscroll-behavior: contain;
  }
  .page .scroll {
    overflow: visible;
  }
  .banner {
    display: flex;
    align-items: center;
    gap: 10px;
    padding: 9px 18px;
    background: var(--_raised);
    border-block-end: 1px solid var(--_border);
    font-size: 0.93em;
  }
  .above {
    position: sticky;
    inset-block-start: 8px;
    z-index: 2;
    display: flex;
    justify-content: center;
    block-size: 0;
  }
  .pill {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    block-size: 32px;
    padding-inline: 12px 16px;
    border-radius: 16px;
    background: var(--_accent);
    color: var(--_on-accent);
    font-weight: 600;
    box-shadow: 0 3px 12px rgb(0 0 0 / 25%);
  }
  .pill svg {
    inline-size: 16px;
  }
  .state {
    display: grid;
    justify-items: center;
    gap: 6px;
    padding: 52px 32px;
    text-align: center;
    color: var(--_muted);
  }
  .state svg {
    inline-size: 36px;
    block-size: 36px;
    margin-block-end: 6px;
    stroke-width: 1.3;
  }
  .state strong {
    color: var(--_text);
    font-weight: 600;
  }
  .button {
    display: inline-block;
    min-block-size: 32px;
    padding: 5px 13px;
    border: 1px solid var(--_border);
    border-radius: 9px;
    background: var(--_surface);
    color: var(--_text);
    font-weight: 550;
    text-decoration: none;
  }
  .button:hover {
    background: var(--_raised);
  }
  .button svg {
    display: inline-block;
    inline-size: 15px;
    block-size: 15px;
    margin-inline-end: 5px;
    vertical-align: -2px;
  }
  .button.primary {
    border-color: transparent;
    background: var(--_accent);
    color: var(--_on-accent);
  }
  .button.primary:hover {
    filter: brightness(1.08);
  }
  .state .button {
    margin-block-start: 8px;
  }
  .more-row {
    display: grid;
    justify-items: center;
    padding: 12px;
  }
  .bone {
    display: flex;
    gap: 12px;
    padding: 14px 18px;
  }
  .bone i {
    block-size: 11px;
    border-radius: 6px;
    background: var(--_raised);
    margin-block: 5px 9px;
    animation: breathe 1.4s ease-in-out infinite alternate;
  }
  .bone i:first-child {
    flex: none;
    inline-size: 38px;
    block-size: 38px;
    border-radius: 50%;
    margin: 0;
  }
  .bone div {
    display: grid;
    flex: 1;
  }
  .bone i.short {
    inline-size: 45%;
  }
  @keyframes breathe {
    to {
      opacity: 0.45;
    }
  }
`

const item = css`
  .item {
    position: relative;
    display: flex;
    gap: 12px;
    padding: 13px 12px;
    padding-inline-start: 18px;
    border-block-end: 1px solid var(--_border);
    content-visibility: auto;
    contain-intrinsic-block-size: auto 88px;
  }
  .item:hover {
    background: var(--_raised);
  }
  .item.unread {
    background: var(--_tint);
  }
  .item.unread::before {
    content: '';
    position: absolute;
    inset-inline-start: 6px;
    inset-block-start: 28px;
    inline-size: 7px;
    block-size: 7px;
    border-radius: 50%;
    background: var(--_accent);
  }
  .face {
    position: relative;
    flex: none;
    display: grid;
    place-items: center;
    inline-size: 38px;
    block-size: 38px;
    border-radius: 50%;
    overflow: hidden;
    background: color-mix(in srgb, var(--_accent) 16%, var(--_surface));
    color: var(--_accent);
    font-size: 0.93em;
    font-weight: 650;
  }
  .face img {
    inline-size: 100%;
    block-size: 100%;
    object-fit: cover;
  }
  .face svg {
    inline-size: 19px;
  }
  .words {
    flex: 1;
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }
  .link {
    display: block;
    inline-size: 100%;
    text-align: start;
    text-decoration: none;
    font-weight: 500;
    max-block-size: 6.2em;
    overflow: hidden;
  }
  .unread .link {
    font-weight: 650;
  }
  .link::after {
    content: '';
    position: absolute;
    inset: 0;
  }
  .link:focus-visible {
    outline: none;
  }
  .link:focus-visible::after {
    outline: 2px solid var(--_accent);
    outline-offset: -2px;
    border-radius: 8px;
  }
  .body {
    color: var(--_muted);
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 3;
    line-clamp: 3;
    overflow: hidden;
    white-space: pre-line;
  }
  .about {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    margin-block-start: 3px;
    color: var(--_muted);
    font-size: 0.86em;
  }
  .actors {
    display: flex;
    align-items: center;
  }
  .actors span {
    display: grid;
    place-items: center;
    min-inline-size: 22px;
    block-size: 22px;
    padding-inline: 3px;
    margin-inline-end: -6px;
    border: 2px solid var(--_surface);
    border-radius: 11px;
    background: color-mix(in srgb, var(--_accent) 22%, var(--_surface));
    color: var(--_text);
    font-size: 10px;
    font-weight: 650;
  }
  .actors span:last-child {
    margin-inline-end: 2px;
  }
  .actions {
    position: relative;
    z-index: 1;
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-block-start: 9px;
  }
  .item > .icon {
    position: relative;
    z-index: 1;
    margin-block-start: -4px;
  }
  .item > .icon:hover {
    background: color-mix(in srgb, var(--_text) 9%, transparent);
  }
  @media (hover: hover) and (pointer: fine) {
    .item > .icon {
      opacity: 0;
    }
    .item:hover > .icon,
    .item:focus-within > .icon,
    .item > .icon[aria-expanded='true'] {
      opacity: 1;
    }
  }
`

const layers = css`
  .menu {
    display: block;
    position: fixed;
    inset: auto;
    margin: 0;
    min-inline-size: 210px;
    border: 1px solid var(--_border);
    border-radius: 11px;
    padding: 5px;
    background: var(--_surface);
    color: var(--_text);
    box-shadow: var(--_shadow);
    z-index: calc(var(--_z) + 1);
  }
  .menu button {
    display: block;
    inline-size: 100%;
    min-block-size: 34px;
    padding: 5px 11px;
    border-radius: 7px;
    text-align: start;
  }
  .menu button:hover,
  .menu button:focus-visible {
    background: var(--_raised);
    outline-offset: -2px;
  }
  .menu hr {
    block-size: 1px;
    margin: 5px 0;
    border: 0;
    background: var(--_border);
  }
  .toasts {
    position: fixed;
    inset: auto;
    inset-block-end: 20px;
    inset-inline-end: 20px;
    margin: 0;
    border: 0;
    padding: 0;
    display: grid;
    gap: 10px;
    inline-size: min(360px, calc(100vw - 32px));
    background: none;
    overflow: visible;
    pointer-events: none;
    z-index: var(--_z);
  }
  .toast {
    position: relative;
    display: flex;
    gap: 12px;
    padding: 13px 8px 13px 14px;
    padding-inline: 14px 8px;
    border: 1px solid var(--_border);
    border-radius: 12px;
    background: var(--_surface);
    color: var(--_text);
    box-shadow: var(--_shadow);
    pointer-events: auto;
    animation: rise 0.18s ease-out;
  }
  .toast .icon {
    position: relative;
    z-index: 1;
    margin-block-start: -5px;
  }
  .toast .body {
    -webkit-line-clamp: 2;
    line-clamp: 2;
  }
  @keyframes rise {
    from {
      opacity: 0;
      translate: 0 12px;
    }
  }
  .narrow {
    display: none;
  }
  @media (max-width: 480px) {
    .panel:not(.page) {
      /* Also over where it would stand in a wider window. */
      inset: 0 !important;
      inline-size: 100vw;
      max-inline-size: none;
      block-size: 100dvh;
      max-block-size: none;
      border: 0;
      border-radius: 0;
    }
    .narrow {
      display: inline-grid;
    }
    .icon {
      inline-size: 40px;
      block-size: 40px;
    }
    .toasts {
      inset-inline: 16px;
      inline-size: auto;
    }
    .menu button {
      min-block-size: 42px;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
      scroll-behavior: auto !important;
    }
  }
  @media (forced-colors: active) {
    .item.unread::before,
    .badge,
    .tab[aria-selected='true']::after {
      forced-color-adjust: none;
    }
  }
`

export const styles = [theme, common, panel, item, layers]
