-- Opens the digest of each row, or finds the open one: it is locked until the transaction ends, and one that slides
-- moves on. The last of a row is by how much it slides, 0 for not at all.
insert into digest (
    env, digest, user, tenant, workflow, step, key, version, category, category_version, lane,
    about, opened_at, due, latest
)
select
    value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->>
    6, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->>
    13, value ->> 14
from json_each(?)
where true
on conflict (env, user, tenant, workflow, step, key) where closed_at is null do update set
    due = max(due, min(excluded.due, latest))
returning env, user, tenant, workflow, step, key, digest, due
