select t.tenant, t.zone, t.locale
from unnest($1::int8[]) as j(tenant)
join tenant as t on t.env = $2 and t.tenant = j.tenant
