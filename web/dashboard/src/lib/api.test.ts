import { afterEach, expect, test, vi } from 'vitest'
import { api, ApiError } from './api'
import { keyInUse, session, signIn, signOut, type Who } from './session'

const who: Who = {
  environment: 'default',
  prefix: 'clk_default_ab',
  scopes: ['read'],
  created_at: null,
  expires_at: null,
  sign_in: false,
}

function answers(status: number, body: unknown, type = 'application/json') {
  const fetched = vi.fn((_address: string, _request: RequestInit) =>
    Promise.resolve(
      new Response(status === 204 ? null : JSON.stringify(body), {
        status,
        headers: { 'content-type': type },
      }),
    ),
  )
  vi.stubGlobal('fetch', fetched)
  return fetched
}

afterEach(() => {
  vi.unstubAllGlobals()
  signOut()
})

test('the key goes into a header and never into the address', async () => {
  signIn('clk_default_secret', who)
  const fetched = answers(200, { data: [] })
  await api.get('/v1/blasts', { limit: 5, after: null })
  const [address, request] = fetched.mock.calls[0]!
  expect(address).toBe('/v1/blasts?limit=5')
  expect(request.headers).toMatchObject({ authorization: 'Bearer clk_default_secret' })
})

test('a refusal carries what the server said', async () => {
  answers(422, { title: 'No', detail: 'mend it', errors: [{ pointer: '/at', detail: 'when?' }] })
  const error = await api.post('/v1/blasts', {}).catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(ApiError)
  expect(error).toMatchObject({ status: 422, title: 'No', detail: 'mend it' })
  expect((error as ApiError).problem?.errors?.[0]?.pointer).toBe('/at')
})

test('a key that is no longer valid ends the session with the reason', async () => {
  signIn('clk_default_secret', who)
  answers(401, { title: 'A valid key is needed', detail: 'the API key was revoked' })
  await expect(api.get('/v1/lanes')).rejects.toMatchObject({ status: 401 })
  expect(keyInUse()).toBeNull()
  expect(session.notice).toBe('the API key was revoked')
})

test('trying another key leaves the session as it is', async () => {
  signIn('clk_default_secret', who)
  answers(401, { detail: 'not known' })
  await expect(api.get('/v1/keys/self', {}, { key: 'x' })).rejects.toMatchObject({ status: 401 })
  expect(keyInUse()).toBe('clk_default_secret')
})

test('a server that is away is told as that', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed')))
  await expect(api.get('/v1/lanes')).rejects.toMatchObject({ status: 0 })
})

test('an answer without a body is undefined', async () => {
  answers(204, null)
  await expect(api.delete('/v1/blasts/blt_1')).resolves.toBeUndefined()
})
