insert into number_sequence (env, kind, last) values ($1, $2, $3)
on conflict (env, kind) do update set last = number_sequence.last + excluded.last
returning last
