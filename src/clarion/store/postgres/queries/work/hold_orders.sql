-- Locked in the order of the numbers; the count makes an answer of it.
select count(pg_advisory_xact_lock(o.n) is null)
from (select j.n from unnest($1::int8[]) as j(n) order by j.n) as o
