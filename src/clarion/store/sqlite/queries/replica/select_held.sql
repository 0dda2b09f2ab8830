-- Rows of (entity, fence): those still in the same hand, with the version that waits by now.
select lower(hex(s.entity)), s.version
from json_each(?1) as j
cross join source_state as s on s.env = ?2 and s.entity = unhex(j.value ->> 0)
where s.state = 1 and s.fence = j.value ->> 1
