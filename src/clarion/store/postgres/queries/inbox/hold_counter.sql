insert into inbox_counter as c (env, "user", tenant, seq, total, unread, unseen)
values ($1, $2, $3, 0, 0, 0, 0)
on conflict (env, "user", tenant) do update set seq = c.seq
returning seq
