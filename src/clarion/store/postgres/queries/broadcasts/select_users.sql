-- Rows of (user, instant): the user's version then, and whether it has settings and consents at all; without a version:
-- not known then.
select
    j."user", j.at, h.version, h.locale, h.zone, h.roles, u.erased_at, u.settings_version,
    u.consents_version
from unnest($1::int8[], $2::int8[]) as j("user", at)
cross join lateral (
    select u.erased_at, u.settings_version, u.consents_version
    from "user" as u
    where u.env = $3 and u."user" = j."user"
    limit 1
) as u
left join lateral (
    select v.version, v.locale, v.zone, v.roles
    from user_history as v
    where v.env = $3 and v."user" = j."user" and v.at <= j.at
    order by v.version desc
    limit 1
) as h on true
