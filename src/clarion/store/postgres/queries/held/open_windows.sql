select count(*) from (select 1 from digest where closed_at is null limit $1) as open_ones
