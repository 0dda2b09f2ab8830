// Every page: its address, its chunk, and where the navigation has it.
import type { Component } from 'svelte'
import type { PageEntry } from './lib/route'
import type { IconName } from './ui/Icon.svelte'

export type Group = 'Now' | 'What happened' | 'What is sent' | 'Setup'

export interface NavEntry {
  group: Group
  label: string
  icon: IconName
}

export interface Entry extends PageEntry {
  /** Without one the page is reached from others only. */
  nav?: NavEntry
}

type Module = Promise<{ default: Component }>

function page(path: string, load: () => Module, nav?: NavEntry): Entry {
  return nav ? { path, load, nav } : { path, load }
}

export const pages: Entry[] = [
  page('/', () => import('./pages/overview/Overview.svelte'), {
    group: 'Now',
    label: 'Overview',
    icon: 'overview',
  }),
  page('/lanes', () => import('./pages/lanes/Lanes.svelte'), {
    group: 'Now',
    label: 'Lanes',
    icon: 'lanes',
  }),
  page('/providers', () => import('./pages/providers/Providers.svelte'), {
    group: 'Now',
    label: 'Providers',
    icon: 'providers',
  }),

  page('/activity', () => import('./pages/activity/Activity.svelte'), {
    group: 'What happened',
    label: 'Activity',
    icon: 'activity',
  }),
  page('/notifications/:id', () => import('./pages/notifications/Notification.svelte')),
  page('/events', () => import('./pages/events/Events.svelte'), {
    group: 'What happened',
    label: 'Events',
    icon: 'events',
  }),
  page('/events/:id', () => import('./pages/events/Event.svelte')),
  page('/people', () => import('./pages/people/People.svelte'), {
    group: 'What happened',
    label: 'People',
    icon: 'people',
  }),
  page('/people/:id', () => import('./pages/people/Person.svelte')),
  page('/topics', () => import('./pages/topics/Topics.svelte'), {
    group: 'What happened',
    label: 'Topics',
    icon: 'topics',
  }),
  page('/topics/:key', () => import('./pages/topics/Topic.svelte')),
  page('/what-if', () => import('./pages/what-if/WhatIf.svelte'), {
    group: 'What happened',
    label: 'What if',
    icon: 'whatif',
  }),
  page('/what-if/new', () => import('./pages/what-if/Suppose.svelte')),
  page('/what-if/:id', () => import('./pages/what-if/Simulation.svelte')),

  page('/dead-letters', () => import('./pages/dead-letters/DeadLetters.svelte'), {
    group: 'What happened',
    label: 'Dead letters',
    icon: 'dead',
  }),

  page('/workflows', () => import('./pages/workflows/Workflows.svelte'), {
    group: 'What is sent',
    label: 'Workflows',
    icon: 'workflows',
  }),
  page('/workflows/:key', () => import('./pages/workflows/Workflow.svelte')),
  page('/workflows/:key/words', () => import('./pages/templates/Editor.svelte')),
  page('/templates', () => import('./pages/templates/Templates.svelte'), {
    group: 'What is sent',
    label: 'Templates',
    icon: 'templates',
  }),
  page('/templates/:name', () => import('./pages/templates/File.svelte')),
  page('/capture', () => import('./pages/capture/Capture.svelte'), {
    group: 'What happened',
    label: 'Capture',
    icon: 'capture',
  }),

  page('/blasts', () => import('./pages/blasts/Blasts.svelte'), {
    group: 'What is sent',
    label: 'Blasts',
    icon: 'blasts',
  }),
  page('/blasts/new', () => import('./pages/blasts/Prepare.svelte')),
  page('/blasts/:id', () => import('./pages/blasts/Blast.svelte')),

  page('/keys', () => import('./pages/keys/Keys.svelte'), {
    group: 'Setup',
    label: 'Keys',
    icon: 'keys',
  }),
]

export const GROUPS: Group[] = ['Now', 'What happened', 'What is sent', 'Setup']
