-- Rows of (env, user, tenant, workflow, step, key): the number of the item that tells each, 0 for none yet. They are
-- locked until the transaction ends.
insert into item_key as k (env, "user", tenant, workflow, step, key, seq)
select j.env, j."user", j.tenant, j.workflow, j.step, j.key, 0
from
    unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::text[])
        as j(env, "user", tenant, workflow, step, key)
order by j.env, j."user", j.tenant, j.workflow, j.step, j.key collate "C"
on conflict (env, "user", tenant, workflow, step, key) do update set seq = k.seq
returning k.env, k."user", k.tenant, k.workflow, k.step, k.key, k.seq
