delete from blast_key indexed by blast_key_by_blast where env = ?1 and blast = ?2
