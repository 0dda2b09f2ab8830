insert into alert_window (one, since) values (1, $1) on conflict do nothing
