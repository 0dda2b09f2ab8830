-- Who of these users is a member of a tenant.
select distinct m."user"
from unnest($3::int8[]) as j("user")
join tenant_member as m on m.env = $1 and m.tenant = $2 and m."user" = j."user" and m.until is null
