select count(*) from (select 1 from ready where lane = $1 and account = $2 limit $3) as c
