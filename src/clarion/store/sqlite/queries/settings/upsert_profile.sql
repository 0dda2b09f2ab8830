insert into tenant (env, tenant, zone, locale) values (?, ?, ?, ?)
on conflict (env, tenant) do update set zone = excluded.zone, locale = excluded.locale
