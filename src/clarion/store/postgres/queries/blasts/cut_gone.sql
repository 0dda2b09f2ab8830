update blast set has_cut = 0 where env = $1 and blast = $2
