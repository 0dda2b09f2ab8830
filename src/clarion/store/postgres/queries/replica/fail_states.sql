-- Rows of (entity, detail).
update source_state as s set state = 2, worker = 0, failed_at = coalesce(s.failed_at, $2), detail = j.detail
from unnest($3::text[], $4::text[]) as j(entity, detail)
where s.env = $1 and s.entity = decode(j.entity, 'hex')
