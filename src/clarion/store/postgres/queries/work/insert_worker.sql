insert into worker (started_at, beat_at, lanes) values ($1, $1, $2) returning worker
