delete from blast_key where env = $1 and blast = $2
