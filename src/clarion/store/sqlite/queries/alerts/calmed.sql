-- What was told and has not happened again: its newest row is trouble of an earlier window.
select a.env, a.account, a.cause, a.last_at
from alert as a
where a.state = 2 and a.kind = 0 and a.since < ? and not exists (
    select 1 from alert as b
    where b.env = a.env and b.account = a.account and b.cause = a.cause
        and (b.since > a.since or b.since = a.since and b.kind = 1)
)
