insert into catalog_stamp (env, stamp) values ($1, 1)
on conflict (env) do update set stamp = catalog_stamp.stamp + 1
