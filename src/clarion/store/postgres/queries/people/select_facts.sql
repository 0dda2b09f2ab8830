-- `law`: twice the version of the consents, and 1 more where an address may be suppressed.
-- Users are looked up one by one (offset 0): also before the table's first statistics.
select
    u."user", u.version, u.settings_version, u.locale, u.zone, u.roles, u.erased_at,
    2 * u.consents_version + u.suppressed as law
from unnest($1::int8[]) as j("user")
cross join lateral (select * from "user" as u where u.env = $2 and u."user" = j."user" offset 0) as u
