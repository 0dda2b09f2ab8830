-- Who of these users is a member of a tenant.
select distinct m.user
from json_each(?3) as j
cross join tenant_member as m on m.env = ?1 and m.tenant = ?2 and m.user = j.value and m.until is null
