insert into account (account) values (?) on conflict do nothing
