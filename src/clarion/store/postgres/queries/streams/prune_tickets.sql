delete from used_ticket
where (env, ticket) in (select env, ticket from used_ticket where until <= $1 order by until limit $2)
