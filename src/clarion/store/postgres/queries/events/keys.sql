select k.env, k.key, k.event, k.fingerprint
from unnest($1::int8[], $2::text[]) as j(env, key)
join event_key as k on k.env = j.env and k.key = j.key
