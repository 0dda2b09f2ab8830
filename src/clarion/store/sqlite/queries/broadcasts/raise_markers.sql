-- Rows of (env, user, tenant, number before, number): the users whose inbox was decided as far as said.
insert into broadcast_marker (env, user, tenant, seq)
select j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 4
from json_each(?1) as j
where j.value ->> 3 = 0 or exists (
    select 1 from broadcast_marker as b
    where b.env = j.value ->> 0 and b.user = j.value ->> 1 and b.tenant = j.value ->> 2
)
on conflict (env, user, tenant) do update set seq = excluded.seq
where (env, user, tenant, seq) in (
    select value ->> 0, value ->> 1, value ->> 2, value ->> 3 from json_each(?1)
)
returning user
