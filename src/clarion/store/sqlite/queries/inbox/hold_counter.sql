insert into inbox_counter (env, user, tenant, seq, total, unread, unseen) values (?, ?, ?, 0, 0, 0, 0)
on conflict (env, user, tenant) do update set seq = seq
returning seq
