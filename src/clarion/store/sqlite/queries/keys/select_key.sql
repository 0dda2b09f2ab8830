select e.name, k.env, k.hint, k.scope, k.created_at, k.expires_at, k.revoked_at,
    k.rate_per_second, k.burst
from api_key as k join environment as e on e.env = k.env
where k.key_hash = ? and k.scope not like 'sign-in:%'
