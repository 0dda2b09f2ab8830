update blast set updated_at = $3 where env = $1 and blast = $2
