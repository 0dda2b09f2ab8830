-- A newer version came while an older one was in hand: it waits from when it came.
update source_state as s set state = 0, worker = 0, crashes = 0, since = s.accepted_at
from unnest($2::text[]) as j(entity)
where s.env = $1 and s.entity = decode(j.entity, 'hex')
