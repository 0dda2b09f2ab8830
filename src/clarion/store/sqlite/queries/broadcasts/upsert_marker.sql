insert into broadcast_marker (env, user, tenant, seq) values (?, ?, ?, ?)
on conflict (env, user, tenant) do update set seq = max(seq, excluded.seq)
