-- Which of the rows (env, user, tenant, seq, actor) are of actors that the item tells already.
select j.env, j."user", j.tenant, j.seq, j.actor
from
    unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[])
        as j(env, "user", tenant, seq, actor)
where exists (
    select 1 from item_member as m
    where m.env = j.env and m."user" = j."user" and m.tenant = j.tenant and m.seq = j.seq
        and m.actor = j.actor and m.retracted_at is null
)
