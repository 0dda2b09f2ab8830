-- Rows of (env, user, tenant, workflow, step, key, seq): the item that tells the key from now on.
update item_key as k set seq = j.seq
from
    unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::text[], $7::int8[])
        as j(env, "user", tenant, workflow, step, key, seq)
where k.env = j.env and k."user" = j."user" and k.tenant = j.tenant and k.workflow = j.workflow
    and k.step = j.step and k.key = j.key
