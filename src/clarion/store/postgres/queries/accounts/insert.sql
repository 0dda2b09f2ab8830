insert into account (account) values ($1) on conflict do nothing
