-- Live destinations whose address is suppressed.
select d."user", d.destination
from unnest($1::int8[]) as j("user")
join destination as d on d.env = $2 and d."user" = j."user" and d.disabled_at is null
where d.suppression is not null
