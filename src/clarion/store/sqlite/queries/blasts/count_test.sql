update blast set tests = tests + 1 where env = ?1 and blast = ?2
