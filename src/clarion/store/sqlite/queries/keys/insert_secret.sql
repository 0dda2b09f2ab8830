insert into secret (name, value) values (?, ?) on conflict (name) do nothing
