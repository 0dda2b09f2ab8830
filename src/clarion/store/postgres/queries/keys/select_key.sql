select e.name, k.env, k.hint, k.scope, k.created_at, k.expires_at, k.revoked_at
from api_key as k join environment as e on e.env = k.env
where k.key_hash = $1
