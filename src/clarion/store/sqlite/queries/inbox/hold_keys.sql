-- Rows of (env, user, tenant, workflow, step, key): the number of the item that tells each, 0 for none yet.
insert into item_key (env, user, tenant, workflow, step, key, seq)
select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, 0
from json_each(?)
where true
on conflict (env, user, tenant, workflow, step, key) do update set seq = seq
returning env, user, tenant, workflow, step, key, seq
