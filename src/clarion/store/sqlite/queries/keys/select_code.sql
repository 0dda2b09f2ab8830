select e.name, k.scope
from api_key as k join environment as e on e.env = k.env
where k.key_hash = ? and k.scope like 'sign-in:%' and k.expires_at > ?
