-- Opens the digest of each row, or finds the open one: it is locked until the transaction ends, and one that slides
-- moves on.
insert into digest as d (
    env, digest, "user", tenant, workflow, step, key, version, category, category_version, lane,
    about, opened_at, due, latest
)
select
    j.env, decode(j.digest, 'hex'), j."user", j.tenant, j.workflow, j.step, j.key, j.version,
    j.category, j.category_version, j.lane, j.about, j.opened_at, j.due, j.latest
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::text[],
        $8::int8[], $9::int8[], $10::int8[], $11::int8[], $12::int8[], $13::int8[], $14::int8[],
        $15::int8[]
    ) as j(env, digest, "user", tenant, workflow, step, key, version, category, category_version, lane, about, opened_at, due, latest)
order by j.env, j."user", j.tenant, j.workflow, j.step, j.key collate "C"
on conflict (env, "user", tenant, workflow, step, key) where closed_at is null do update set
    due = greatest(d.due, least(excluded.due, d.latest))
returning d.env, d."user", d.tenant, d.workflow, d.step, d.key, d.digest, d.due
