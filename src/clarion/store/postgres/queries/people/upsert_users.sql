insert into "user" (env, "user", version, source_version, at, locale, zone, email, phone, name, roles, data)
select
    $1::int8, j."user", j.version, j.source_version, j.at, j.locale, j.zone, j.email, j.phone, j.name,
    j.roles, j.data
from
    unnest(
        $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::text[], $11::text[], $12::text[]
    ) as j("user", version, source_version, at, locale, zone, email, phone, name, roles, data)
order by j."user"
on conflict (env, "user") do update set
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
