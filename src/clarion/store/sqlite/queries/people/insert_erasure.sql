insert into erasure (env, user, began_at) values (?, ?, ?)
