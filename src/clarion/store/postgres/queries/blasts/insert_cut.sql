insert into blast_cut (env, blast, section, last, count, users)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
