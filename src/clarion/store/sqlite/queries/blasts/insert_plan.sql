insert into blast_plan (env, blast, asked, plan) values (?1, ?2, ?3, ?4)
