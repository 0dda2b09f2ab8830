insert into worker (started_at, beat_at, lanes, lease) values ($1, $1, $2, $3) returning worker
