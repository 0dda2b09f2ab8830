-- Rows of (env, user, tenant, number before, number): the users whose inbox was decided as far as said. All are held, in
-- their order.
insert into broadcast_marker as m (env, "user", tenant, seq)
select j.env, j."user", j.tenant, j.seq
from
    unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[])
        as j(env, "user", tenant, before, seq)
where j.before = 0 or exists (
    select 1 from broadcast_marker as b
    where b.env = j.env and b."user" = j."user" and b.tenant = j.tenant
)
order by j.env, j."user", j.tenant
on conflict (env, "user", tenant) do update set seq = excluded.seq
where (m.env, m."user", m.tenant, m.seq) in (
    select k.env, k."user", k.tenant, k.before
    from
        unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[])
            as k(env, "user", tenant, before)
)
returning m."user"
