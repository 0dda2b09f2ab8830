-- Ordering keys with tasks that are not done.
select distinct t.env, t.ordering_key
from unnest($1::int8[], $2::text[]) as j(env, ordering_key)
join task as t on t.env = j.env and t.ordering_key = j.ordering_key and t.state not in (2, 3)
