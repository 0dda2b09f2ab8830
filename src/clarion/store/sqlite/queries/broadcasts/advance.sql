insert into broadcast_sequence (env, last) values (?1, ?2)
on conflict (env) do update set last = last + excluded.last
returning last
