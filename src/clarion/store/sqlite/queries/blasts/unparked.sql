update blast set parked = 0 where env = ?1 and blast = ?2
