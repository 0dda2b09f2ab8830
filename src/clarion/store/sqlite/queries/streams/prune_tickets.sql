delete from used_ticket
where (env, ticket) in (select env, ticket from used_ticket where until <= ? order by until limit ?)
