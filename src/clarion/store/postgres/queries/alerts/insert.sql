insert into alert (
    env, account, cause, since, until, kind, count, first_at, last_at, detail, sample, state, due
)
select
    j.env, j.account, j.cause, j.since, j.until, j.kind, j.count, j.first_at, j.last_at, j.detail,
    j.sample, 1, j.due
from
    unnest(
        $1::int8[], $2::text[], $3::text[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::int8[], $9::int8[], $10::text[], $11::text[], $12::int8[]
    ) as j(
        env, account, cause, since, until, kind, count, first_at, last_at, detail, sample, due
    )
on conflict do nothing
