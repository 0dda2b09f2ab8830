insert into user (env, user, version, source_version, at, locale, zone, email, phone, name, roles, data)
select
    ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    value ->> 7, value ->> 8, value ->> 9, value ->> 10
from json_each(?)
where true
on conflict (env, user) do update set
    version = excluded.version,
    source_version = excluded.source_version,
    at = excluded.at,
    locale = excluded.locale,
    zone = excluded.zone,
    email = excluded.email,
    phone = excluded.phone,
    name = excluded.name,
    roles = excluded.roles,
    data = excluded.data
