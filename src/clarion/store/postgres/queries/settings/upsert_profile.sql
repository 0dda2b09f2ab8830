insert into tenant (env, tenant, zone, locale) values ($1, $2, $3, $4)
on conflict (env, tenant) do update set zone = excluded.zone, locale = excluded.locale
