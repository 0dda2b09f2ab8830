-- Rows of (purpose, channel, version, granted, source, wording, locale, by, evidence).
insert into consent (
    env, user, at, purpose, channel, version, granted, source, wording, locale, stated_by, evidence
)
select
    ?, ?, ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
    value ->> 6, value ->> 7, value ->> 8
from json_each(?)
