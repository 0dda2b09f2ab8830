insert into alert (
    env, account, cause, since, until, kind, count, first_at, last_at, detail, sample, state, due
)
values ($1, $2, $3, $4, $4, 0, 1, $5, $5, $6, $7, 0, 0)
on conflict (env, account, cause, since, kind) do update set
    count = alert.count + 1, last_at = excluded.last_at, detail = excluded.detail,
    sample = excluded.sample
