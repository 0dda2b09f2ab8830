import { beforeEach, describe, expect, it } from 'vitest'
import { arrivalOf, takeArrival } from './door'

describe('a sign-in link', () => {
  beforeEach(() => history.replaceState(null, '', '/'))

  it('brings a code and the page to go on to', () => {
    expect(arrivalOf('#/sign-in?code=abc')).toEqual({ code: 'abc', to: '/' })
    expect(arrivalOf('#/sign-in?to=/capture&code=a-b_c')).toEqual({ code: 'a-b_c', to: '/capture' })
  })

  it('leads nowhere but to a page of this one', () => {
    expect(arrivalOf('#/sign-in?to=https://elsewhere.example&code=a')?.to).toBe('/')
    expect(arrivalOf('#/sign-in?to=javascript:alert(1)&code=a')?.to).toBe('/')
  })

  it('is no other address', () => {
    for (const hash of ['', '#/', '#/sign-in', '#/sign-in?code=', '#/people?code=abc']) {
      expect(arrivalOf(hash)).toBeNull()
    }
  })

  it('is gone from the address and the history at once', () => {
    location.hash = '#/sign-in?to=/capture&code=secret'
    const steps = history.length
    expect(takeArrival()).toEqual({ code: 'secret', to: '/capture' })
    expect(location.href).not.toContain('secret')
    expect(location.hash).toBe('#/capture')
    expect(history.length).toBe(steps)
  })

  it('leaves any other address as it is', () => {
    location.hash = '#/people?q=mia'
    expect(takeArrival()).toBeNull()
    expect(location.hash).toBe('#/people?q=mia')
  })
})
