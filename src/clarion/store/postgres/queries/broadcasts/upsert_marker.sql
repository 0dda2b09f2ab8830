insert into broadcast_marker as m (env, "user", tenant, seq) values ($1, $2, $3, $4)
on conflict (env, "user", tenant) do update set seq = greatest(m.seq, excluded.seq)
