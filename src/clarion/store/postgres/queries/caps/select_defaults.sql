-- The newest that is not newer than the version asked for.
select j.tenant, h.version, h.body
from unnest($1::int8[]) as j(tenant)
cross join lateral (
    select version, body from cap_history
    where env = $2 and tenant = j.tenant and version <= $3
    order by version desc
    limit 1
) as h
