insert into leader (role, worker, until) values ($1, $2, $3)
on conflict (role) do update set worker = excluded.worker, until = excluded.until
where leader.worker = excluded.worker or leader.until < $4
