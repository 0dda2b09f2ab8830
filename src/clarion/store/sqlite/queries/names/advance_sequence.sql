insert into number_sequence (env, kind, last) values (?, ?, ?)
on conflict (env, kind) do update set last = last + excluded.last
returning last
