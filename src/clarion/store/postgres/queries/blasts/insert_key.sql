insert into blast_key (env, key, blast, fingerprint) values ($1, $2, $3, $4)
