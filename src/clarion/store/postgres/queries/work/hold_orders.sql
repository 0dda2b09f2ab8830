select pg_advisory_xact_lock(o.n)
from (select j.n from unnest($1::int8[]) as j(n) order by j.n) as o
