-- Rows of (entity, fence): those still in the same hand, with the version that waits by now.
select encode(s.entity, 'hex'), s.version
from unnest($1::text[], $2::int8[]) as j(entity, fence)
join source_state as s on s.env = $3 and s.entity = decode(j.entity, 'hex')
where s.state = 1 and s.fence = j.fence
order by s.entity
for no key update of s
