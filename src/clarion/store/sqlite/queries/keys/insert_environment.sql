insert into environment (name, created_at) values (?, ?) on conflict (name) do nothing
