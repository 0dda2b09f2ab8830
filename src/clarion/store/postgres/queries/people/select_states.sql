select
    u."user", u.version, u.source_version, u.at, u.locale, u.zone, u.email, u.phone, u.name, u.roles,
    u.data,
    u.settings_version, u.consents_version
from unnest($1::int8[]) as j("user")
cross join lateral (select * from "user" as u where u.env = $2 and u."user" = j."user" offset 0) as u
where u.erased_at is null
