-- A new key starts at the instant, so that a counter that was pruned goes on higher.
insert into ordering as o (env, ordering_key, last, at)
select j.env, j.ordering_key, j.at + j.n, j.at
from unnest($1::int8[], $2::text[], $3::int8[], $4::int8[]) as j(env, ordering_key, n, at)
on conflict (env, ordering_key) do update set
    last = o.last + excluded.last - excluded.at, at = excluded.at
returning env, ordering_key, last
