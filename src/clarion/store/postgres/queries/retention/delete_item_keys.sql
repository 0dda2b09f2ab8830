-- A key that somebody holds is about to tell its event by a new item, which waits for these to be gone.
with free as materialized (
    select k.env, k."user", k.tenant, k.workflow, k.step, k.key
    from unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[]) as j(env, "user", tenant, seq)
    join item_key as k
        on k.env = j.env and k."user" = j."user" and k.tenant = j.tenant and k.seq = j.seq
    for update of k skip locked
)
delete from item_key as k
using free as f
where k.env = f.env and k."user" = f."user" and k.tenant = f.tenant and k.workflow = f.workflow
    and k.step = f.step and k.key = f.key
