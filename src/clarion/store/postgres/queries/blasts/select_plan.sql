select asked, plan from blast_plan where env = $1 and blast = $2
