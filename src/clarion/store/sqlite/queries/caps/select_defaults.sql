-- The newest that is not newer than the version asked for.
select j.value, h.version, h.body
from json_each(?1) as j
cross join cap_history as h on h.env = ?2 and h.tenant = j.value and h.version = (
    select max(version) from cap_history where env = ?2 and tenant = j.value and version <= ?3
)
