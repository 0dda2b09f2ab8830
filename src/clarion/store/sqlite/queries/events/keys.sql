select k.env, k.key, k.event, k.fingerprint
from json_each(?) as j
cross join event_key as k on k.env = j.value ->> 0 and k.key = j.value ->> 1
