insert into broadcast_sequence as s (env, last) values ($1, $2)
on conflict (env) do update set last = s.last + excluded.last
returning last
